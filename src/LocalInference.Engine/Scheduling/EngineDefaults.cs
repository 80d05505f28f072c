namespace LocalInference.Engine.Scheduling;

/// <summary>The engine's numbers, each with its reason.</summary>
internal static class EngineDefaults
{
    /// <summary>
    /// 32 decode rows already share one pass over the weights; on two cores the prototype gains 12 % from 8 to 32 rows, so more would only
    /// slow each stream.
    /// </summary>
    public const int MaxSequences = 32;

    /// <summary>Text-generation-inference's limit of concurrent requests; beyond it waiting is longer than clients' patience.</summary>
    public const int MaxQueuedRequests = 128;

    /// <summary>
    /// About a second of prefill for a 1.5 B model on two cores: the longest pause that a long prompt causes running streams.
    /// </summary>
    public const int StepTokens = 512;

    /// <summary>
    /// Of a step's tokens one in four is prefill's as long as prompts wait, so that running streams cannot keep new ones out.
    /// </summary>
    public const int PrefillShareDivisor = 4;

    /// <summary>No step of a healthy engine takes this long: 512 tokens of a 7 B model on one core take about 20 s.</summary>
    public static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(60);

    /// <summary>Retry-After while no answer has been completed yet: a short answer takes about this long.</summary>
    public static readonly TimeSpan UnmeasuredRetry = TimeSpan.FromSeconds(5);

    /// <summary>The longest Retry-After: the load of a minute ago says nothing about later.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(60);
}
