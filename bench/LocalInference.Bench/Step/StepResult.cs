using System.Text.Json.Serialization;
using LocalInference.Bench.Machine;

namespace LocalInference.Bench.Step;

/// <summary>What one case gave with one engine.</summary>
internal sealed record StepResult
{
    /// <summary>As it was asked for.</summary>
    public required string Case { get; init; }

    /// <summary>The engine.</summary>
    public required string Kernels { get; init; }

    /// <summary>Tokens of the step by its median time.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>The lower and the upper end of tokens per second, 95 %.</summary>
    public required double[] Ci95 { get; init; }

    /// <summary>The median time of a step, in milliseconds.</summary>
    public required double StepMs { get; init; }

    /// <summary>
    /// The least time the step could take by the time it took: reading weights and cache at the measured read bandwidth (decoding 1 to 4 sequences), or
    /// the weights' multiply-adds at the hot kernel's speed. Null where this processor has no measured limit.
    /// </summary>
    public required double? LimitShare { get; init; }
}

/// <summary>How much faster one engine is than the other on a case, from steps measured in turn.</summary>
/// <param name="Case">As it was asked for.</param>
/// <param name="Kernels">The faster or slower one, by the other.</param>
/// <param name="Ratio">The median of the turns' ratios.</param>
/// <param name="Ci95">Its ends, 95 %.</param>
internal sealed record StepRatio(string Case, string Kernels, double Ratio, double[] Ci95);

/// <summary>Everything of a run, as it is saved.</summary>
/// <param name="Model">The folder's name.</param>
/// <param name="Threads">Threads that computed.</param>
/// <param name="Machine">Where.</param>
/// <param name="Limits">The machine's limits as measured beside each case.</param>
/// <param name="Results">One for each case and engine.</param>
/// <param name="Ratios">One for each case, where two engines ran.</param>
internal sealed record StepRun(
    string Model, int Threads, MachineFacts Machine, IReadOnlyDictionary<string, MachineLimits> Limits, IReadOnlyList<StepResult> Results, IReadOnlyList<StepRatio> Ratios);

/// <summary>JSON, names as clients of command-line tools expect them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StepResult))]
[JsonSerializable(typeof(StepRun))]
internal sealed partial class StepJson : JsonSerializerContext;
