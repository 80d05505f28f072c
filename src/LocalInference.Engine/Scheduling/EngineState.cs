namespace LocalInference.Engine.Scheduling;

/// <summary>
/// What the engine thread tells everybody else: plain numbers, written by it alone after every step, read without a lock.
/// </summary>
/// <param name="time">The clock of the beat.</param>
/// <remarks>Each number is whole by itself; two read one after the other may come from different steps.</remarks>
internal sealed class EngineState(TimeProvider time)
{
    private const long NoStep = long.MinValue;

    private volatile int _running;
    private volatile int _waiting;
    private volatile int _usedBlocks;
    private volatile bool _isDead;
    private long _pendingPrefillTokens;
    private long _stepBegan = NoStep;

    /// <summary>How fast the thread works its load off.</summary>
    public DrainRate Drain { get; } = new();

    /// <summary>Sequences that take part in steps.</summary>
    public int Running => _running;

    /// <summary>Submitted sequences that wait for their (next) first step.</summary>
    public int Waiting => _waiting;

    /// <summary>Blocks in use.</summary>
    public int UsedBlocks => _usedBlocks;

    /// <summary>Prompt tokens still to be read before everything submitted so far is decoding.</summary>
    public long PendingPrefillTokens => Volatile.Read(ref _pendingPrefillTokens);

    /// <summary>Whether the thread beats: no step has been running for longer than any should. An idle engine is alive.</summary>
    public bool IsAlive
    {
        get
        {
            long began = Volatile.Read(ref _stepBegan);
            return !_isDead && (began == NoStep || time.GetElapsedTime(began) < EngineDefaults.LongestStep);
        }
    }

    /// <summary>A step begins.</summary>
    public void StepBegins(long timestamp) => Volatile.Write(ref _stepBegan, timestamp);

    /// <summary>The step is over.</summary>
    public void StepEnds() => Volatile.Write(ref _stepBegan, NoStep);

    /// <summary>The thread has ended by an error of its own.</summary>
    public void Dies() => _isDead = true;

    /// <summary>Publishes new counts.</summary>
    public void Publish(int running, int waiting, int usedBlocks, long pendingPrefillTokens)
    {
        _running = running;
        _waiting = waiting;
        _usedBlocks = usedBlocks;
        Volatile.Write(ref _pendingPrefillTokens, pendingPrefillTokens);
    }
}
