using LocalInference.Onnx;

namespace LocalInference.Bench.Step;

/// <summary>What a run measures.</summary>
internal sealed record StepPlan
{
    public required string Folder { get; init; }

    /// <summary>Cases, in the order they were asked for.</summary>
    public required IReadOnlyList<StepCase> Cases { get; init; }

    /// <summary>Engines by name; several are measured in turn.</summary>
    public required IReadOnlyList<string> Kernels { get; init; }

    /// <summary>Fusions that the second engine runs without; null where engines of several makers are measured.</summary>
    public LeftOut? Without { get; init; }

    /// <summary>What the engines' caches keep; null where each takes its own default.</summary>
    public CacheTypes? CacheTypes { get; init; }

    /// <summary>Threads that compute, for every engine alike.</summary>
    public required int Threads { get; init; }

    /// <summary>Refuses cases that the model cannot hold.</summary>
    /// <exception cref="BenchException">Names the first.</exception>
    public void RequireFitting(OnnxModel model)
    {
        foreach (StepCase step in Cases)
            if (step.PastTokens + step.NewTokens > model.Served.ContextTokens)
                throw new BenchException(
                    $"{step.Name} takes sequences of {step.PastTokens + step.NewTokens} tokens; {model.Served.Id} allows {model.Served.ContextTokens}.");
    }
}
