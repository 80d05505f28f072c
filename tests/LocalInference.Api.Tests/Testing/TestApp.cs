using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LocalInference.Api.Endpoints;
using LocalInference.Core.Completions;
using LocalInference.Core.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LocalInference.Api.Tests.Testing;

/// <summary>An ASP.NET Core application around the API, in memory or on a real loopback port, with fixed time and ids.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000);

    private readonly WebApplication _app;

    private TestApp(WebApplication app, HttpClient client, FakeStatus status, RecordingLog log) =>
        (_app, Client, Status, Log) = (app, client, status, log);

    public HttpClient Client { get; }

    public FakeStatus Status { get; }

    public RecordingLog Log { get; }

    public InferenceMetrics Metrics => _app.Services.GetRequiredService<InferenceMetrics>();

    public static Task<TestApp> StartAsync(ICompletionRouter router, ApiOptions? options = null) =>
        StartAsync(router, options, isReal: false);

    /// <summary>Over Kestrel, for what a real connection has and memory has not.</summary>
    public static Task<TestApp> StartOnLoopbackAsync(ICompletionRouter router, ApiOptions? options = null) =>
        StartAsync(router, options, isReal: true);

    public static StringContent Json(string body) => new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    public Task<HttpResponseMessage> PostAsync(string body) =>
        Client.PostAsync("/v1/chat/completions", Json(body), TestContext.Current.CancellationToken);

    public async Task<string> PostTextAsync(string body) => await ReadAsync(await PostAsync(body));

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path, TestContext.Current.CancellationToken);

    public static Task<string> ReadAsync(HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    public static async Task<JsonElement> ReadJsonAsync(HttpResponseMessage response) => JsonElement.Parse(await ReadAsync(response));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static async Task<TestApp> StartAsync(ICompletionRouter router, ApiOptions? options, bool isReal)
    {
        FakeStatus status = new();
        RecordingLog log = new();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (isReal) builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        else builder.WebHost.UseTestServer();
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton<TimeProvider>(new FixedTime());
        builder.Services.AddSingleton(new CompletionIds(() => Guid.Empty));
        builder.Services.AddSingleton(router).AddSingleton<IServerStatus>(status).AddSingleton<InferenceMetrics>();
        builder.Services.AddLocalInferenceApi(options ?? new ApiOptions());
        WebApplication app = builder.Build();
        app.MapLocalInference();
        app.MapUnknownRoutes();
        await app.StartAsync(TestContext.Current.CancellationToken);
        HttpClient client = isReal ? new HttpClient { BaseAddress = new Uri(app.Urls.Single()) } : app.GetTestClient();
        return new TestApp(app, client, status, log);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
