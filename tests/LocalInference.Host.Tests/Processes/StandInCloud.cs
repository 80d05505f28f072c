using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LocalInference.Host.Tests.Processes;

/// <summary>A real HTTP server on loopback that answers as the DeepSeek cloud does and remembers what it was asked.</summary>
internal sealed class StandInCloud : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StandInCloud(WebApplication app) => _app = app;

    public ConcurrentQueue<(string? Authorization, string Body)> Asked { get; } = new();

    public string Url => _app.Urls.First();

    public static async Task<StandInCloud> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        StandInCloud cloud = new(builder.Build());
        cloud._app.MapPost("/chat/completions", cloud.AnswerAsync);
        await cloud._app.StartAsync();
        return cloud;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using StreamReader reader = new(context.Request.Body);
        Asked.Enqueue((context.Request.Headers.Authorization, await reader.ReadToEndAsync()));
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(": keep-alive\n\n");
        foreach (string word in (string[])["Answer ", "from ", "the ", "cloud."])
            await context.Response.WriteAsync($$$"""data: {"id":"c1","model":"cloud-model","choices":[{"index":0,"delta":{"content":"{{{word}}}"},"finish_reason":null}]}""" + "\n\n");
        await context.Response.WriteAsync("""data: {"id":"c1","model":"cloud-model","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":4,"total_tokens":15,"prompt_cache_hit_tokens":3}}""" + "\n\n");
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }
}
