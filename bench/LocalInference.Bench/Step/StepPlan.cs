using LocalInference.Onnx;

namespace LocalInference.Bench.Step;

/// <summary>What a run measures.</summary>
internal sealed record StepPlan
{
    public required string Folder { get; init; }

    /// <summary>Cases, in the order they were asked for.</summary>
    public required IReadOnlyList<StepCase> Cases { get; init; }

    /// <summary>Engines; several are measured in turn.</summary>
    public required IReadOnlyList<EngineChoice> Engines { get; init; }

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
