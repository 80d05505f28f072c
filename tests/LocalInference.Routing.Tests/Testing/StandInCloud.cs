using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LocalInference.Routing.Tests.Testing;

/// <summary>What the cloud was asked.</summary>
internal sealed record CloudRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A real HTTP server on a free loopback port that answers as its script says and keeps what it was asked.</summary>
internal sealed class StandInCloud : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<CloudRequest> _requests = new();

    private StandInCloud(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public IReadOnlyList<CloudRequest> Requests => [.. _requests];

    public static async Task<StandInCloud> StartAsync(RequestDelegate script)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        StandInCloud cloud = new(builder.Build());
        cloud._app.Run(async context =>
        {
            using StreamReader reader = new(context.Request.Body, Encoding.UTF8);
            string body = await reader.ReadToEndAsync(context.RequestAborted);
            Dictionary<string, string> headers = context.Request.Headers.ToDictionary(
                h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            cloud._requests.Enqueue(new CloudRequest(context.Request.Method, context.Request.Path, headers, body));
            await script(context);
        });
        await cloud._app.StartAsync(TestContext.Current.CancellationToken);
        return cloud;
    }

    /// <summary>A cloud that refuses with this status and body.</summary>
    public static Task<StandInCloud> RefusingAsync(int status, string body, string? retryAfter = null) => StartAsync(async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        await context.Response.WriteAsync(body, context.RequestAborted);
    });

    /// <summary>A cloud that streams these lines, byte for byte, and closes the answer cleanly.</summary>
    public static Task<StandInCloud> StreamingAsync(params string[] lines) => StartAsync(async context =>
    {
        await BeginAsync(context);
        foreach (string line in lines) await SendAsync(context, line);
    });

    public static async Task BeginAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public static async Task SendAsync(HttpContext context, string line)
    {
        await context.Response.WriteAsync(line + "\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource atOnce = new();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}

/// <summary>Frames as DeepSeek writes them.</summary>
internal static class Frames
{
    public const string KeepAlive = ": keep-alive";
    public const string Done = "data: [DONE]";
    public const string Usage = """{"prompt_tokens":11,"completion_tokens":4,"total_tokens":15,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":3,"completion_tokens_details":{"reasoning_tokens":2}}""";

    public static string Delta(string delta, string finish = "null", string usage = "null") =>
        $$"""data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-flash","choices":[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{finish}}}],"usage":{{usage}}}""";

    public static string Role => Delta("""{"role":"assistant","content":""}""");

    public static string Content(string text) => Delta($$"""{"content":"{{text}}"}""");

    public static string Finish(string reason) => Delta("""{"content":""}""", $"\"{reason}\"", Usage);
}
