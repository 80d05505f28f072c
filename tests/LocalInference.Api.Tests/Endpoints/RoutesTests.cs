using System.Net;
using System.Text.Json;
using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Tests.Endpoints;

public sealed class RoutesTests
{
    [Fact]
    public async Task Models_Listed_LocalFirstThenAliases()
    {
        await using TestApp app = await StartAsync(new ApiOptions { ModelAliases = ["gpt-4o-mini", "tiny"] });

        Assert.Equal(
            """{"object":"list","data":[{"id":"tiny","object":"model","created":1700000000,"owned_by":"local","root":"tiny","max_model_len":2048},{"id":"gpt-4o-mini","object":"model","created":1700000000,"owned_by":"local","root":"tiny","max_model_len":2048}]}""",
            await TestApp.ReadAsync(await app.GetAsync("/v1/models")));
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("org/name")]
    public async Task Model_ById_IsShown(string id)
    {
        await using TestApp app = await StartAsync(new ApiOptions { ModelAliases = ["org/name"] });

        JsonElement model = await TestApp.ReadJsonAsync(await app.GetAsync($"/v1/models/{id}"));

        Assert.Equal(id, model.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Model_UnknownById_Is404()
    {
        await using TestApp app = await StartAsync();

        HttpResponseMessage response = await app.GetAsync("/v1/models/gpt");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("model_not_found", await TestApp.ReadAsync(response));
    }

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/tiny")]
    public async Task Models_BeforeTheFolderIsRead_Are503(string path)
    {
        await using TestApp app = await StartAsync();
        app.Status.Model = null;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("/v1/completions")]
    [InlineData("/v1")]
    [InlineData("/nowhere/at/all")]
    [InlineData("/favicon.ico")]
    public async Task Route_Unknown_Is404InTheSameForm(string path)
    {
        await using TestApp app = await StartAsync();

        HttpResponseMessage response = await app.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        JsonElement error = (await TestApp.ReadJsonAsync(response)).GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Contains($"GET {path} ", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", "POST")]
    [InlineData("DELETE", "/v1/models", "GET, HEAD")]
    [InlineData("POST", "/v1/models/tiny", "GET, HEAD")]
    [InlineData("POST", "/health", "GET, HEAD")]
    [InlineData("POST", "/metrics", "GET, HEAD")]
    public async Task Method_NotAllowed_Is405NamingTheAllowed(string method, string path, string allowed)
    {
        await using TestApp app = await StartAsync();

        HttpResponseMessage response = await app.Client.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
        Assert.Contains("invalid_request_error", await TestApp.ReadAsync(response));
    }

    [Fact]
    public async Task Head_OfHealth_OverARealConnection_HasNoBody()
    {
        await using TestApp app = await TestApp.StartOnLoopbackAsync(ScriptedRouter.Answering(Chunks.Plain));

        HttpResponseMessage response = await app.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, "/health/ready"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("", await TestApp.ReadAsync(response));
    }

    [Fact]
    public async Task Live_AModelThatCouldNotBeLoaded_SaysWhy()
    {
        await using TestApp app = await StartAsync();
        (app.Status.IsAlive, app.Status.Phase, app.Status.Reason) = (false, ServerPhase.Failed, "The folder is empty.");

        HttpResponseMessage response = await app.GetAsync("/health/live");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("""{"status":"stuck","reason":"The folder is empty."}""", await TestApp.ReadAsync(response));
    }

    [Theory]
    [InlineData(true, 200, """{"status":"alive"}""")]
    [InlineData(false, 503, """{"status":"stuck","reason":"A step has been running for longer than any step should, or the engine has ended by an error; restart the server, its log says why."}""")]
    public async Task Live_FollowsTheHeartbeat(bool isAlive, int status, string body)
    {
        await using TestApp app = await StartAsync();
        app.Status.IsAlive = isAlive;
        app.Status.Phase = ServerPhase.Loading;

        HttpResponseMessage response = await app.GetAsync("/health/live");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await TestApp.ReadAsync(response));
    }

    [Theory]
    [InlineData(ServerPhase.Loading, true, 503, """{"status":"not_ready","phase":"loading","reason":"why"}""")]
    [InlineData(ServerPhase.WarmingUp, true, 503, """{"status":"not_ready","phase":"warming_up","reason":"why"}""")]
    [InlineData(ServerPhase.Ready, true, 200, """{"status":"ready","phase":"ready","reason":"why"}""")]
    [InlineData(ServerPhase.Ready, false, 503, """{"status":"not_ready","phase":"ready","reason":"why"}""")]
    [InlineData(ServerPhase.Draining, true, 503, """{"status":"not_ready","phase":"draining","reason":"why"}""")]
    [InlineData(ServerPhase.Failed, true, 503, """{"status":"not_ready","phase":"failed","reason":"why"}""")]
    public async Task Ready_OnlyWhenReadyAndAlive(ServerPhase phase, bool isAlive, int status, string body)
    {
        await using TestApp app = await StartAsync();
        app.Status.Phase = phase;
        app.Status.IsAlive = isAlive;
        app.Status.Reason = "why";

        HttpResponseMessage response = await app.GetAsync("/health/ready");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await TestApp.ReadAsync(response));
    }

    [Fact]
    public async Task Health_ShowsPhaseModelAndFacts()
    {
        await using TestApp app = await StartAsync();
        app.Status.Facts = new Dictionary<string, object> { ["device"] = "cpu", ["batch_invariant"] = true, ["kernels"] = new[] { "avx2", "vnni" }, ["share"] = 0.5 };

        Assert.Equal(
            """{"status":"ready","phase":"ready","reason":"Serving.","alive":true,"model":{"id":"tiny","context_tokens":2048,"vocabulary_size":512,"default_sampling":{"temperature":0.6,"top_p":0.95,"top_k":0,"min_p":0}},"facts":{"device":"cpu","batch_invariant":true,"kernels":["avx2","vnni"],"share":0.5}}""",
            await TestApp.ReadAsync(await app.GetAsync("/health")));
    }

    [Fact]
    public async Task Health_WhileLoading_Is200WithoutModel()
    {
        await using TestApp app = await StartAsync();
        app.Status.Phase = ServerPhase.Loading;
        app.Status.Model = null;

        HttpResponseMessage response = await app.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await TestApp.ReadJsonAsync(response)).GetProperty("model").ValueKind);
    }

    private static Task<TestApp> StartAsync(ApiOptions? options = null) =>
        TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain), options);
}
