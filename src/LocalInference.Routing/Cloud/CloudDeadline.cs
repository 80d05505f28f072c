namespace LocalInference.Routing.Cloud;

/// <summary>
/// The one running limit of a call: first until the answer begins, then between its events. It stands still while our own client is slow to
/// take what it was given.
/// </summary>
/// <remarks>Armed and read by the call's own flow of control; not thread-safe.</remarks>
internal sealed class CloudDeadline : IDisposable
{
    private readonly CloudOptions _options;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;
    private bool _hasBegun;

    /// <summary>Starts the limit of the first part.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="clientGone">Ends the call as well.</param>
    public CloudDeadline(CloudOptions options, TimeProvider time, CancellationToken clientGone)
    {
        _options = options;
        _timer = new CancellationTokenSource(options.FirstByteTimeout, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, clientGone);
    }

    /// <summary>Cancelled when the limit runs out or the client is gone.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether it was the limit.</summary>
    public bool HasRunOut => _timer.IsCancellationRequested;

    /// <summary>The limit that ran out, as a failure.</summary>
    public CloudFault Fault => _hasBegun
        ? CloudFault.TimedOut(nameof(CloudOptions.IdleTimeout), _options.IdleTimeout)
        : CloudFault.TimedOut(nameof(CloudOptions.FirstByteTimeout), _options.FirstByteTimeout);

    /// <summary>The next event is waited for.</summary>
    public void Resume()
    {
        if (_hasBegun) _timer.CancelAfter(_options.IdleTimeout);
    }

    /// <summary>An event has come, and its parts go to the client.</summary>
    /// <param name="hasBegun">Whether the answer has begun with it; until then the first limit goes on.</param>
    public void Pause(bool hasBegun)
    {
        _hasBegun = hasBegun;
        if (hasBegun) _timer.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
