using System.Net;
using LocalInference.Api.Endpoints;
using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LocalInference.Api.Tests.Endpoints;

/// <summary>The API inside an application that has routes, a fallback and options of its own.</summary>
public sealed class EmbeddingTests
{
    [Fact]
    public async Task Routes_OfTheApplication_StayItsOwn()
    {
        await using WebApplication app = await StartAsync(app =>
        {
            app.MapGet("/", () => "home");
            app.MapFallback(() => "fallback");
            app.MapLocalInference();
        });
        HttpClient client = app.GetTestClient();

        Assert.Equal("home", await client.GetStringAsync("/", TestContext.Current.CancellationToken));
        Assert.Equal("fallback", await client.GetStringAsync("/elsewhere", TestContext.Current.CancellationToken));
        Assert.Contains("\"tiny\"", await client.GetStringAsync("/v1/models", TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/v1/elsewhere", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Routes_InAGroup_HaveItsPrefix()
    {
        await using WebApplication app = await StartAsync(app => app.MapGroup("/llm").MapLocalInference());
        HttpClient client = app.GetTestClient();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/llm/v1/models", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/llm/health/ready", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/v1/models", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Conventions_OfTheApplication_ReachEveryRoute()
    {
        object mark = new();
        await using WebApplication app = await StartAsync(app => app.MapLocalInference().WithMetadata(mark));

        IEnumerable<Endpoint> endpoints = app.Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints;

        Assert.NotEmpty(endpoints);
        Assert.All(endpoints, endpoint => Assert.Contains(mark, endpoint.Metadata));
    }

    [Fact]
    public void Options_FromConfiguration_AreBound()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Key:0"] = "one",
            ["Key:1"] = "two",
            ["ModelAliases:0"] = "alias",
            ["MaxBodyBytes"] = "4096",
        }).Build();

        ApiOptions options = configuration.Get<ApiOptions>()!;

        Assert.Equal(["one", "two"], options.Key);
        Assert.Equal(["alias"], options.ModelAliases);
        Assert.Equal((4096, ApiDefaults.MaxTools), (options.MaxBodyBytes, options.MaxTools));
    }

    [Fact]
    public async Task Services_WithoutTimeAndIds_AreComplete()
    {
        await using WebApplication app = await StartAsync(app => app.MapLocalInference());

        HttpResponseMessage one = await PostAsync();
        HttpResponseMessage other = await PostAsync();

        string first = (await TestApp.ReadJsonAsync(one)).GetProperty("id").GetString()!;
        Assert.Matches("^chatcmpl-[0-9a-f]{32}$", first);
        Assert.NotEqual(first, (await TestApp.ReadJsonAsync(other)).GetProperty("id").GetString());

        Task<HttpResponseMessage> PostAsync() => app.GetTestClient().PostAsync(
            "/v1/chat/completions", TestApp.Json("""{"messages":[{"role":"user","content":"Hi"}]}"""), TestContext.Current.CancellationToken);
    }

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<ICompletionRouter>(ScriptedRouter.Answering(Chunks.Plain)).AddSingleton<IServerStatus>(new FakeStatus());
        builder.Services.AddLocalInferenceApi(new ApiOptions());
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
