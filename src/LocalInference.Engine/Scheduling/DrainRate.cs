namespace LocalInference.Engine.Scheduling;

/// <summary>How fast the engine works its load off, measured over its latest steps; the source of every Retry-After.</summary>
/// <remarks>Written by the engine thread, read by any. Nothing allocates.</remarks>
internal sealed class DrainRate
{
    // Half of what is known comes from the latest 70 steps with prefill, and from the latest 700 steps of any kind: ends are rarer.
    private const double PrefillDecay = 0.99;
    private const double EndDecay = 0.999;

    private double _prefillTokens;
    private double _prefillSeconds;
    private double _ends;
    private double _seconds;
    private double _secondsPerPrefillToken;
    private double _secondsPerEnd;

    /// <summary>Takes a step into account.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="prefillTokens">Prompt tokens it read.</param>
    /// <param name="ends">Sequences that have ended since the step before.</param>
    public void Stepped(TimeSpan duration, int prefillTokens, int ends)
    {
        _ends = _ends * EndDecay + ends;
        _seconds = _seconds * EndDecay + duration.TotalSeconds;
        if (_ends > 0) Volatile.Write(ref _secondsPerEnd, _seconds / _ends);
        if (prefillTokens == 0) return;
        _prefillTokens = _prefillTokens * PrefillDecay + prefillTokens;
        _prefillSeconds = _prefillSeconds * PrefillDecay + duration.TotalSeconds;
        Volatile.Write(ref _secondsPerPrefillToken, _prefillSeconds / _prefillTokens);
    }

    /// <summary>When coming back makes sense: after the prompts in front have been read and, on average, a place has become free.</summary>
    /// <param name="prefillTokens">Prompt tokens in front, the asker's own included where they are known.</param>
    /// <returns>Whole seconds, rounded up, 1 to 60; 5 at least while no sequence has ended yet.</returns>
    public TimeSpan RetryAfter(long prefillTokens)
    {
        double place = Volatile.Read(ref _secondsPerEnd);
        if (place == 0) place = EngineDefaults.UnmeasuredRetry.TotalSeconds;
        double seconds = Math.Max(place, prefillTokens * Volatile.Read(ref _secondsPerPrefillToken));
        // Never zero: there is always something to wait for, and the header counts whole seconds.
        return TimeSpan.FromSeconds(Math.Min(Math.Ceiling(seconds), EngineDefaults.LongestRetry.TotalSeconds));
    }
}
