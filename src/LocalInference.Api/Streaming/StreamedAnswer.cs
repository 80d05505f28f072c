using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LocalInference.Api.Streaming;

/// <summary>
/// An answer as server-sent events, from its first chunk on. One flush for each batch of chunks that are there together; a slow reader
/// holds up only its own answer.
/// </summary>
internal sealed class StreamedAnswer : IDisposable
{
    private readonly HttpContext _http;
    private readonly IAsyncEnumerator<CompletionChunk> _chunks;
    private readonly ChunkJson _json;
    private readonly SseWriter _output;
    private readonly bool _includesUsage;

    /// <param name="http">The exchange, its status line not sent yet.</param>
    /// <param name="chunks">Stands on the <see cref="CompletionChunk.Started"/> chunk; stays the caller's to dispose.</param>
    /// <param name="head">What every chunk repeats.</param>
    /// <param name="includesUsage">Whether token counts are asked for.</param>
    public StreamedAnswer(HttpContext http, IAsyncEnumerator<CompletionChunk> chunks, AnswerHead head, bool includesUsage)
    {
        _http = http;
        _chunks = chunks;
        _json = new ChunkJson(head, includesUsage);
        _output = new SseWriter(http.Response.BodyWriter);
        _includesUsage = includesUsage;
    }

    /// <summary>Sends the answer to its end.</summary>
    /// <returns>Null, or the exception that broke the answer: the client got an error frame, the caller logs it.</returns>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async Task<Exception?> SendAsync()
    {
        WriteHeaders();
        Exception? broken = null;
        bool isComplete = false;
        try
        {
            do
            {
                Write(_chunks.Current);
                isComplete |= _chunks.Current is CompletionChunk.Finished or CompletionChunk.Failed;
                if (_output.IsFull) await _output.FlushAsync(_http.RequestAborted);
            }
            while (await MoveNextAsync());
            if (!isComplete) throw ChunkOrder.EndIsMissing();
        }
        catch (Exception e) when (!_http.RequestAborted.IsCancellationRequested)
        {
            broken = e;
            if (!isComplete) WriteError(ApiError.Internal());
        }
        await _output.FlushAsync(_http.RequestAborted);
        return broken;
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private void WriteHeaders()
    {
        HttpResponse response = _http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        // Response compression of an embedding application would hold tokens back.
        _http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private void Write(CompletionChunk chunk)
    {
        if (chunk is CompletionChunk.Failed { Failure: var failure })
        {
            WriteError(ErrorTable.ToApiError(failure));
            return;
        }
        ChunkOrder.ThrowIfRaw(chunk);
        _json.Write(_output.BeginFrame(), chunk);
        _output.EndFrame();
        if (chunk is not CompletionChunk.Finished { Usage: var usage }) return;
        if (_includesUsage)
        {
            _json.WriteUsage(_output.BeginFrame(), usage);
            _output.EndFrame();
        }
        _output.WriteDone();
    }

    private void WriteError(ApiError error)
    {
        ErrorJson.Write(_output.BeginFrame(), error);
        _output.EndFrame();
    }

    /// <summary>The next chunk; what is pending is sent only when that one is not there yet.</summary>
    private async ValueTask<bool> MoveNextAsync()
    {
        ValueTask<bool> next = _chunks.MoveNextAsync();
        if (next.IsCompleted) return await next;
        try
        {
            await _output.FlushAsync(_http.RequestAborted);
        }
        catch
        {
            // An enumerator may not be disposed of while it moves.
            await SettleAsync(next);
            throw;
        }
        return await next;
    }

    private static async ValueTask SettleAsync(ValueTask<bool> next)
    {
        try
        {
            await next;
        }
        catch (Exception)
        {
            // The flush's own exception is the one that tells what happened.
        }
    }
}
