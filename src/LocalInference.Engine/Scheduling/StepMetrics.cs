using LocalInference.Core.Telemetry;

namespace LocalInference.Engine.Scheduling;

/// <summary>Times and counts the steps of one scheduler, so that the step itself stays about the step.</summary>
/// <remarks>Owned by the engine thread. Reads the clock three times a step; nothing allocates.</remarks>
internal sealed class StepMetrics(SchedulerServices services)
{
    private readonly TimeProvider _time = services.Time;
    private InferenceMetrics? _metrics;
    private long _began;
    private long _computed;
    private int _prefillTokens;
    private int _generated;
    private int _ended;

    /// <summary>A step begins.</summary>
    public void Begin()
    {
        _began = _time.GetTimestamp();
        // Read once, so that a step counts as a whole or not at all.
        _metrics = services.Metrics;
        _prefillTokens = _generated = 0;
        services.State.StepBegins(_began);
    }

    /// <summary>A sequence takes part in the step.</summary>
    public void TakesPart(Sequence sequence)
    {
        if (sequence.PendingTokens > 1) _prefillTokens += sequence.Chunk;
        if (sequence.HasBegun) return;
        sequence.HasBegun = true;
        _metrics?.Began(_time.GetElapsedTime(sequence.SubmittedAt, _began));
    }

    /// <summary>The runner is done: this is when the step's tokens came into being.</summary>
    public void Computed() => _computed = _time.GetTimestamp();

    /// <summary>A sequence got a token.</summary>
    public void Generated(Sequence sequence, TokenEnd end)
    {
        _generated++;
        if (_metrics is { } metrics)
        {
            TimeSpan sinceSubmission = _time.GetElapsedTime(sequence.SubmittedAt, _computed);
            if (sequence.TokenCount == sequence.PromptTokens + 1) metrics.FirstToken(sinceSubmission);
            else metrics.NextToken(_time.GetElapsedTime(sequence.LastTokenAt, _computed));
            if (end != TokenEnd.None) metrics.LastToken(sinceSubmission);
        }
        sequence.LastTokenAt = _computed;
    }

    /// <summary>A sequence's text was completed by the token it got last.</summary>
    public void Completed(Sequence sequence) =>
        services.Metrics?.LastToken(_time.GetElapsedTime(sequence.SubmittedAt, sequence.LastTokenAt));

    /// <summary>A sequence was preempted.</summary>
    public void Preempted() => _metrics?.Preempted();

    /// <summary>A sequence ended, in a step or between two.</summary>
    public void Ended() => _ended++;

    /// <summary>The step threw.</summary>
    public void Failed() => _metrics?.StepFailed();

    /// <summary>The step is over.</summary>
    /// <param name="tokens">New tokens in it.</param>
    public void End(int tokens)
    {
        services.State.StepEnds();
        TimeSpan duration = _time.GetElapsedTime(_began);
        services.State.Drain.Stepped(duration, _prefillTokens, _ended);
        _ended = 0;
        if (tokens > 0) _metrics?.Stepped(duration, tokens, _generated);
    }
}
