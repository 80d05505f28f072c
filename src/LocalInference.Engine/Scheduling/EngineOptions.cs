using System.ComponentModel.DataAnnotations;

namespace LocalInference.Engine.Scheduling;

/// <summary>How much the engine takes on at once. Immutable.</summary>
public sealed record EngineOptions
{
    /// <summary>Sequences that take part in steps at the same time.</summary>
    /// <remarks>More share each pass over the weights, and each gets slower. The runner must hold as many.</remarks>
    /// <value>A number of sequences; 1 to 1,024. The default is 32: from there on two cores gain little.</value>
    [Range(1, 1024)]
    public int MaxSequences { get; init; } = EngineDefaults.MaxSequences;

    /// <summary>
    /// Admitted requests that may wait for a place among the running ones; what comes beyond is refused at once, or goes to the cloud.
    /// </summary>
    /// <value>A number of requests; 0 to 100,000; 0 = nobody waits. The default is 128, the limit of text-generation-inference.</value>
    [Range(0, 100_000)]
    public int MaxQueuedRequests { get; init; } = EngineDefaults.MaxQueuedRequests;

    /// <summary>Tokens in one step at most, decode rows and prefill chunks together.</summary>
    /// <remarks>
    /// More read prompts faster; fewer shorten the pause that a long prompt causes running streams. A quarter is always prefill's while
    /// prompts wait.
    /// </remarks>
    /// <value>A number of tokens; 1 to 65,536. The default is 512: about a second of prefill for a 1.5 B model on two cores.</value>
    [Range(1, 65_536)]
    public int StepTokens { get; init; } = EngineDefaults.StepTokens;

    /// <summary>Memory for the KV cache.</summary>
    /// <remarks>Only carried here: whoever makes the runner sizes its cache with it.</remarks>
    /// <value>
    /// Bytes, at least those of one full context (the refusal says how many). The default, none, takes full contexts for all running
    /// sequences, but at most a quarter of the memory there is.
    /// </value>
    [Range(typeof(long), "1", "9223372036854775807", ParseLimitsInInvariantCulture = true)]
    public long? KvCacheBytes { get; init; }
}
