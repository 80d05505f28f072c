using System.Threading.Channels;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Scheduling;

namespace LocalInference.Engine.Completions;

/// <summary>
/// One request's tokens on their way from the engine thread to the request's. It has room for every token the request may have,
/// so a slow reader never makes the engine wait.
/// </summary>
/// <param name="lease">
/// Given back when both sides have let go: by the reader alone the place would be free while the engine still computes, by the engine alone
/// the number of unread answers would have no bound.
/// </param>
internal sealed class TokenChannel(AdmissionLease lease) : ITokenSink
{
    private readonly Channel<GeneratedToken> _tokens = Channel.CreateBounded<GeneratedToken>(
        new BoundedChannelOptions(lease.MaxTokens) { SingleReader = true, SingleWriter = true });

    private int _holders = 2;

    /// <summary>Why the engine ended the sequence early; known once <see cref="WaitAsync"/> has returned false.</summary>
    public InferenceFailure? Failure { get; private set; }

    /// <summary>Waits for a token.</summary>
    /// <returns>False when none will come any more.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _tokens.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes the next token if it is there.</summary>
    public bool TryRead(out GeneratedToken token) => _tokens.Reader.TryRead(out token);

    /// <inheritdoc/>
    public void Write(GeneratedToken token)
    {
        if (!_tokens.Writer.TryWrite(token))
            throw new InvalidOperationException($"Request {lease.Request.Id} was given more than its {lease.MaxTokens} tokens.");
    }

    /// <inheritdoc/>
    public void Close(InferenceFailure? failure)
    {
        Failure = failure;
        _tokens.Writer.Complete();
        LetGo();
    }

    /// <summary>One of the two sides is done with the request.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0) lease.Dispose();
    }
}
