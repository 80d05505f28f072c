using LocalInference.Onnx.Kernels;

namespace LocalInference.Bench.Step;

/// <summary>An engine of a run, by what sets it apart from the others.</summary>
/// <param name="Name">What results call it: <see cref="StepOptions.OnnxRuntime"/>, or one of our own.</param>
internal sealed record EngineChoice(string Name)
{
    /// <summary>Our own kernels as the server runs them.</summary>
    public static EngineChoice Own { get; } = new(StepOptions.Own);

    /// <summary>Fusions that it runs without; null for none.</summary>
    public LeftOut? Without { get; init; }

    /// <summary>What its cache keeps; null = the runner's default.</summary>
    public KvType? CacheType { get; init; }
}
