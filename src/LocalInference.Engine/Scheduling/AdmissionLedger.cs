namespace LocalInference.Engine.Scheduling;

/// <summary>
/// The places there are, running and waiting together, and how many are taken. A place is taken in one atomic step, never checked first
/// and taken later, so a burst of requests cannot all see the same free one.
/// </summary>
/// <param name="capacity">Places there are.</param>
/// <remarks>Safe for concurrent use; no lock.</remarks>
internal sealed class AdmissionLedger(int capacity)
{
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isClosed;
    private int _taken;

    /// <summary>Places there are.</summary>
    public int Capacity => capacity;

    /// <summary>Places taken.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Whether every place was taken a moment ago; good for turning away early, never for letting in.</summary>
    public bool LooksFull => Taken >= capacity;

    /// <summary>Completes when the ledger is closed and every place has been given back.</summary>
    public Task Emptied => _emptied.Task;

    /// <summary>Takes a place.</summary>
    /// <returns>
    /// False when none is free or the ledger is closed. Who comes in the instant of closing may still get one: the engine then refuses the
    /// work.
    /// </returns>
    public bool TryTake()
    {
        for (int taken = Taken; taken < capacity && !_isClosed; taken = Taken)
            if (Interlocked.CompareExchange(ref _taken, taken + 1, taken) == taken)
                return true;
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack()
    {
        if (Interlocked.Decrement(ref _taken) < 0) throw new InvalidOperationException("A place was given back that nobody had taken.");
        SignalIfEmptied();
    }

    /// <summary>Lets nobody in any more.</summary>
    public void Close()
    {
        _isClosed = true;
        SignalIfEmptied();
    }

    private void SignalIfEmptied()
    {
        if (_isClosed && Taken == 0) _emptied.TrySetResult();
    }
}
