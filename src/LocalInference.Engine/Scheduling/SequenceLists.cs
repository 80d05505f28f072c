namespace LocalInference.Engine.Scheduling;

/// <summary>
/// Who runs and who waits. Both lists are ordered by age, and nobody who waits is older than anybody who runs: the oldest of the waiting
/// joins next, the youngest of the running is preempted first.
/// </summary>
/// <remarks>Owned by the engine thread. Moving allocates nothing once the lists have grown.</remarks>
internal sealed class SequenceLists
{
    private readonly List<Sequence> _running = [];
    private readonly List<Sequence> _waiting = [];
    private long _nextArrival;

    /// <summary>Those that take part in steps, oldest first.</summary>
    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>Those that hold no blocks, oldest first.</summary>
    public IReadOnlyList<Sequence> Waiting => _waiting;

    /// <summary>How many there are.</summary>
    public int Count => _running.Count + _waiting.Count;

    /// <summary>Prompt tokens still to be read before all of them are decoding.</summary>
    public long PendingPrefillTokens
    {
        get
        {
            long pending = 0;
            foreach (Sequence sequence in _running)
                if (sequence.PendingTokens > 1) pending += sequence.PendingTokens;
            foreach (Sequence sequence in _waiting) pending += sequence.PendingTokens;
            return pending;
        }
    }

    /// <summary>Puts a new sequence at the end of the queue.</summary>
    public void Add(Sequence sequence)
    {
        sequence.Arrival = _nextArrival++;
        sequence.State = SequenceState.Waiting;
        _waiting.Add(sequence);
    }

    /// <summary>The oldest of the waiting joins the running.</summary>
    public void JoinOldest()
    {
        Sequence sequence = _waiting[0];
        _waiting.RemoveAt(0);
        sequence.State = SequenceState.Running;
        _running.Add(sequence);
    }

    /// <summary>The youngest of the running goes back to the front of the queue.</summary>
    public void PreemptYoungest()
    {
        Sequence sequence = _running[^1];
        _running.RemoveAt(_running.Count - 1);
        sequence.State = SequenceState.Waiting;
        _waiting.Insert(0, sequence);
    }

    /// <summary>Forgets those that have ended.</summary>
    public void RemoveEnded()
    {
        _running.RemoveAll(static s => s.State == SequenceState.Ended);
        _waiting.RemoveAll(static s => s.State == SequenceState.Ended);
    }
}
