using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace LocalInference.Bench.Load;

/// <summary>Asks an OpenAI-compatible server and times what it answers. Safe for concurrent use.</summary>
internal sealed class ChatClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="server">With or without <c>/v1</c> at its end.</param>
    /// <param name="apiKey">Sent as a bearer key; null sends none.</param>
    public ChatClient(Uri server, string? apiKey)
    {
        string root = server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (root.EndsWith("/v1", StringComparison.Ordinal)) root = root[..^3];
        _http = new HttpClient { BaseAddress = new Uri(root + "/v1/"), Timeout = Timeout.InfiniteTimeSpan };
        if (apiKey is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    /// <summary>The first model that the server names.</summary>
    /// <exception cref="BenchException">There is no such server.</exception>
    public async Task<string> FirstModelAsync(CancellationToken cancellationToken)
    {
        try
        {
            ModelList? models = await _http.GetFromJsonAsync("models", LoadJson.Default.ModelList, cancellationToken);
            return models?.Data is [{ } first, ..]
                ? first.Id
                : throw new BenchException($"{_http.BaseAddress}models names no model; name one with --model.");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw new BenchException(
                $"{_http.BaseAddress}models does not answer as an OpenAI-compatible server does: {e.Message} "
                + "Check --url (and --api-key-variable), or leave --url out to measure this checkout's server.");
        }
    }

    /// <summary>How long the server takes to name its models, which costs it next to nothing; null where it does not.</summary>
    public async Task<TimeSpan?> PingAsync(CancellationToken cancellationToken)
    {
        try
        {
            long sent = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await _http.GetAsync("models", cancellationToken);
            return response.IsSuccessStatusCode ? Stopwatch.GetElapsedTime(sent) : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <summary>One streamed answer. Failures are part of the result.</summary>
    public async Task<RequestSample> AskAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        try
        {
            long sent = Stopwatch.GetTimestamp();
            using HttpRequestMessage message =
                new(HttpMethod.Post, "chat/completions") { Content = JsonContent.Create(request, LoadJson.Default.ChatRequest) };
            using HttpResponseMessage response =
                await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode
                ? await ReadAsync(response, sent, cancellationToken)
                : await RefusedAsync(response, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new RequestSample { Failure = $"connection: {ConnectionFailure(e)}" };
        }
        catch (JsonException)
        {
            return new RequestSample { Failure = "a frame is not the expected JSON" };
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<RequestSample> ReadAsync(HttpResponseMessage response, long sent, CancellationToken cancellationToken)
    {
        List<long> texts = [];
        long last = 0;
        ChatUsage? usage = null;
        bool isDone = false;
        await foreach (ChatFrame frame in FramesOf(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken))
        {
            long now = Stopwatch.GetTimestamp();
            if (frame.Error is { } error) return new RequestSample { Failure = $"error in the stream: {error.Code ?? error.Type}" };
            if (frame.HasText) texts.Add(now);
            if (frame.IsLast) last = now;
            usage = frame.Usage ?? usage;
            isDone = ReferenceEquals(frame, ChatFrame.Done);
        }
        if (!isDone || last == 0) return new RequestSample { Failure = "the stream ended without a finish reason and [DONE]" };
        if (usage is null) return new RequestSample { Failure = "the server does not report usage (stream_options.include_usage)" };
        return new RequestSample
        {
            FirstToken = Stopwatch.GetElapsedTime(sent, texts.Count > 0 ? texts[0] : last),
            Gaps = [.. texts.Zip(texts.Skip(1), Stopwatch.GetElapsedTime)],
            PromptTokens = usage.PromptTokens,
            OutputTokens = usage.CompletionTokens,
        };
    }

    private static async IAsyncEnumerable<ChatFrame> FramesOf(Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parser = SseParser.Create(body, static (_, data) =>
            data.SequenceEqual("[DONE]"u8)
                ? ChatFrame.Done
                : JsonSerializer.Deserialize(data, LoadJson.Default.ChatFrame) ?? throw new JsonException());
        await foreach (SseItem<ChatFrame> item in parser.EnumerateAsync(cancellationToken))
        {
            yield return item.Data;
            if (ReferenceEquals(item.Data, ChatFrame.Done)) yield break;
        }
    }

    // The socket's own word where there is one (ConnectionRefused, ConnectionReset); HTTP's word otherwise (ResponseEnded).
    private static string ConnectionFailure(Exception e)
    {
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
            if (cause is SocketException socket) return socket.SocketErrorCode.ToString();
        HttpRequestError? error = (e as HttpRequestException)?.HttpRequestError ?? (e as HttpIOException)?.HttpRequestError;
        return (error ?? HttpRequestError.Unknown).ToString();
    }

    private static async Task<RequestSample> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string code = "";
        try
        {
            ChatErrorBody? body = await response.Content.ReadFromJsonAsync(LoadJson.Default.ChatErrorBody, cancellationToken);
            code = body?.Error is { } error ? $" {error.Code ?? error.Type}" : "";
        }
        catch (JsonException)
        {
            // A page of a proxy, not an OpenAI error: the status says enough.
        }
        return new RequestSample { Failure = $"HTTP {(int)response.StatusCode}{code}" };
    }
}
