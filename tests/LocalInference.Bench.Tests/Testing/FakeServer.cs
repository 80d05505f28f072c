using System.Collections.Concurrent;
using System.Text.Json;
using LocalInference.Bench.Load;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LocalInference.Bench.Tests.Testing;

/// <summary>An OpenAI-compatible server on a free loopback port that counts a word as three tokens and a template as seven.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    public const int TokensPerWord = 3;
    public const int TemplateTokens = 7;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<JsonElement> _requests = new();
    private int _inFlight;
    private int _modelsAsked;
    private int _mostInFlight;

    private FakeServer(WebApplication app) => _app = app;

    /// <summary>Answers a request in the place of the usual stream; returns false to leave it to that.</summary>
    public Func<HttpContext, JsonElement, Task<bool>> Instead { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Held before each answer.</summary>
    public Func<Task> Gate { get; set; } = () => Task.CompletedTask;

    /// <summary>What <c>GET /v1/models</c> answers with.</summary>
    public int ModelsStatus { get; set; } = StatusCodes.Status200OK;

    /// <summary>How often that was asked.</summary>
    public int ModelsAsked => _modelsAsked;

    public Uri Url => new(_app.Urls.First());

    public IReadOnlyList<JsonElement> Requests => [.. _requests];

    public ConcurrentQueue<string?> Keys { get; } = new();

    public int MostInFlight => _mostInFlight;

    public static async Task<FakeServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        FakeServer server = new(builder.Build());
        server._app.MapGet("/v1/models", () =>
        {
            Interlocked.Increment(ref server._modelsAsked);
            return Results.Text("""{"object":"list","data":[{"id":"fake"}]}""", "application/json", statusCode: server.ModelsStatus);
        });
        server._app.MapPost("/v1/chat/completions", server.AnswerAsync);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public static string PromptOf(JsonElement request) => request.GetProperty("messages")[0].GetProperty("content").GetString()!;

    public static int TokensOf(string prompt) => TemplateTokens + (TokensPerWord * prompt.Split(' ').Length);

    public static async Task SendAsync(HttpContext context, string data)
    {
        await context.Response.WriteAsync($"data: {data}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public ChatClient Client() => new(Url, apiKey: null);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        JsonElement request = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
        _requests.Enqueue(request);
        Keys.Enqueue(context.Request.Headers.Authorization);
        Raise(ref _mostInFlight, Interlocked.Increment(ref _inFlight));
        await Gate();
        if (!await Instead(context, request))
            await StreamAsync(context, TokensOf(PromptOf(request)), request.GetProperty("max_tokens").GetInt32());
        Interlocked.Decrement(ref _inFlight);
    }

    private static async Task StreamAsync(HttpContext context, int promptTokens, int outputTokens)
    {
        context.Response.ContentType = "text/event-stream";
        await SendAsync(context, """{"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}""");
        for (int i = 0; i < outputTokens; i++)
            await SendAsync(context, """{"choices":[{"delta":{"content":"x"},"finish_reason":null}]}""");
        await SendAsync(context, """{"choices":[{"delta":{},"finish_reason":"length"}]}""");
        await SendAsync(context, $$$"""{"choices":[],"usage":{"prompt_tokens":{{{promptTokens}}},"completion_tokens":{{{outputTokens}}}}}""");
        await SendAsync(context, "[DONE]");
    }

    private static void Raise(ref int most, int value)
    {
        for (int seen = most; value > seen; seen = most) Interlocked.CompareExchange(ref most, value, seen);
    }
}
