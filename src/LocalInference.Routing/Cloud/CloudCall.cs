using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using LocalInference.Core.Completions;
using LocalInference.Routing.Spill;

namespace LocalInference.Routing.Cloud;

/// <summary>
/// One exchange with the cloud: sends the request, hands out the answer's frames, and makes a value of everything that may go wrong with
/// either. Never tries twice: the one retry loop of the chain is the client's. Not thread-safe; disposing it closes the connection if the
/// answer is not at its end.
/// </summary>
internal sealed class CloudCall(
    HttpClient http, CloudOptions options, TimeProvider time, SpillableRequest spillable, CancellationToken clientGone) : IAsyncDisposable
{
    /// <summary>Of a refusal's body, as much is read: an error object is far smaller, and a stranger's page may be endless.</summary>
    private const int MaxErrorBytes = 8 * 1024;

    private readonly CloudDeadline _deadline = new(options, time, clientGone);
    private HttpResponseMessage? _response;
    private IAsyncEnumerator<SseItem<CloudEvent>>? _frames;

    /// <summary>Sends the request and waits for the status line.</summary>
    /// <returns>Why there will be no answer, or null.</returns>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task<CloudFault?> SendAsync()
    {
        try
        {
            using HttpRequestMessage request = Request();
            _response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _deadline.Token).ConfigureAwait(false);
            if (!_response.IsSuccessStatusCode) return await RefusedAsync(_response).ConfigureAwait(false);
            if (_response.Content.Headers.ContentType?.MediaType is var type and not "text/event-stream")
                return CloudFault.Unreachable(
                    $"it answered {(int)_response.StatusCode} with '{type ?? "no content type"}' in place of an event stream");
            Stream body = await _response.Content.ReadAsStreamAsync(_deadline.Token).ConfigureAwait(false);
            // The parser skips comments and blank lines by itself, so a keep-alive never ends a wait.
            _frames = SseParser.Create(body, static (_, data) => CloudEvent.Parse(data))
                .EnumerateAsync(_deadline.Token).GetAsyncEnumerator(_deadline.Token);
            return null;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return FaultOf(e, hasBegun: false);
        }
    }

    /// <summary>Waits for the next frame.</summary>
    /// <param name="answer">Told what came.</param>
    /// <param name="parts">Gets what the frame adds.</param>
    /// <returns>Why the answer cannot go on, or null.</returns>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task<CloudFault?> ReadAsync(CloudAnswer answer, List<CompletionChunk> parts)
    {
        try
        {
            _deadline.Resume();
            if (!await _frames!.MoveNextAsync().ConfigureAwait(false))
                return Lost(answer.HasBegun, "the stream ended without [DONE]");
            CloudEvent frame = _frames.Current.Data;
            CloudFault? fault = frame.Error is { } error
                ? Lost(answer.HasBegun, $"the stream carried an error: {CloudErrorText.Of(error, spillable.Conversation, options.ApiKey)}")
                : answer.Read(frame, parts);
            _deadline.Pause(answer.HasBegun);
            return fault;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return FaultOf(e, answer.HasBegun);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_frames is not null) await _frames.DisposeAsync().ConfigureAwait(false);
        _response?.Dispose();
        _deadline.Dispose();
    }

    private HttpRequestMessage Request()
    {
        HttpRequestMessage request = new(HttpMethod.Post, $"{options.BaseUrl!.TrimEnd('/')}/chat/completions")
        {
            Content = new ByteArrayContent(CloudRequestWriter.Write(spillable, options.Model!)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (!string.IsNullOrEmpty(options.ApiKey)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        return request;
    }

    private async Task<CloudFault> RefusedAsync(HttpResponseMessage response)
    {
        byte[] body = new byte[MaxErrorBytes];
        Stream stream = await response.Content.ReadAsStreamAsync(_deadline.Token).ConfigureAwait(false);
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, _deadline.Token).ConfigureAwait(false);
        string words = CloudErrorText.OfBody(body.AsSpan(0, length), spillable.Conversation, options.ApiKey);
        string cause = $"it answered {(int)response.StatusCode}: {words}";
        return response.StatusCode == HttpStatusCode.TooManyRequests
            ? CloudFault.Full(RetryAfter(response.Headers.RetryAfter) ?? spillable.LocalRetryAfter, cause)
            : CloudFault.Unreachable(cause);
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static bool IsExpected(Exception e) => e is HttpRequestException or IOException or JsonException or OperationCanceledException;

    private CloudFault FaultOf(Exception e, bool hasBegun)
    {
        // A closed connection surfaces as any of these; whose doing it was is asked of the tokens, not of the exception.
        if (clientGone.IsCancellationRequested) throw new OperationCanceledException("The client is gone.", e, clientGone);
        if (_deadline.HasRunOut) return _deadline.Fault;
        // The socket reports its own limit as a cancellation caused by a timeout.
        if (e is OperationCanceledException { InnerException: TimeoutException })
            return CloudFault.TimedOut(nameof(CloudOptions.ConnectTimeout), options.ConnectTimeout);
        // A parser's message may quote what it read; the kind of failure is enough.
        return Lost(hasBegun, e is JsonException ? "a frame of the stream is not the expected JSON" : e.Message);
    }

    private static CloudFault Lost(bool hasBegun, string cause) => hasBegun ? CloudFault.Broken(cause) : CloudFault.Unreachable(cause);
}
