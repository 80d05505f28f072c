using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Streaming;

/// <summary>
/// Frames of server-sent events on a response: <c>data: {json}\n\n</c>. The one place that knows this framing; nothing is sent before a
/// flush.
/// </summary>
internal sealed class SseWriter(PipeWriter output) : IDisposable
{
    /// <summary>
    /// A burst is sent in pieces of about this many bytes, so that a long answer that is ready at once does not pile up in memory.
    /// </summary>
    private const int FlushBytes = 16 * 1024;

    private readonly Utf8JsonWriter _json = new(output, WireJson.WriterOptions);
    private long _pendingBytes;

    /// <summary>Whether enough is pending to be sent without waiting for the end of the batch.</summary>
    public bool IsFull => _pendingBytes >= FlushBytes;

    /// <summary>Opens a frame; its JSON goes to the returned writer, and nowhere else until <see cref="EndFrame"/>.</summary>
    public Utf8JsonWriter BeginFrame()
    {
        output.Write("data: "u8);
        _json.Reset();
        return _json;
    }

    /// <summary>Closes the frame.</summary>
    public void EndFrame()
    {
        _json.Flush();
        _pendingBytes += _json.BytesCommitted;
        output.Write("\n\n"u8);
    }

    /// <summary>The last frame of an answer that is complete. A broken one ends without it, so that a client can tell.</summary>
    public void WriteDone() => output.Write("data: [DONE]\n\n"u8);

    /// <summary>Sends what is pending; waits while the client reads more slowly than that.</summary>
    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken)
    {
        _pendingBytes = 0;
        return output.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();
}
