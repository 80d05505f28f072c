namespace LocalInference.Onnx.Graph;

/// <summary>
/// What the served graph looks like on a device. On the processor: this project's attention, whose cache is no tensor, in float32. On GPUs:
/// ONNX Runtime's attention in fp16 over caches that are graph inputs, updated in place; and the graph chooses what each row is wanted for
/// (<see cref="RowChoice"/>), so that logits stay where they are made.
/// </summary>
internal sealed record ServedGraphProfile
{
    /// <summary>The processor.</summary>
    public static readonly ServedGraphProfile Cpu = new();

    /// <summary>
    /// Tokens in a cache block that the GPU's attention demands; null on the processor, where
    /// <see cref="Runner.RunnerOptions.BlockTokens"/> decides.
    /// </summary>
    public int? BlockTokens { get; init; }

    /// <summary>Sequences in one step at most, by the GPU's attention; null where there is no such limit.</summary>
    public int? MaxSequences { get; init; }

    /// <summary>Whether the GPU's attention reads the step's extent from a tensor in host memory.</summary>
    public bool TakesAttentionMetadata { get; init; }

    /// <summary>Whether this is a GPU's form.</summary>
    public bool IsGpu => BlockTokens is not null;

    /// <summary>The element type of activations, weights that are not quantised, and caches.</summary>
    public int ElementType => IsGpu ? OnnxTypes.Float16 : OnnxTypes.Float;

    /// <summary>The accuracy level of quantised matrix products; null to leave each as the exporter wrote it.</summary>
    public int? AccuracyLevel => IsGpu ? null : 4;

    /// <summary>The name of a layer's key cache among the inputs.</summary>
    public static string KeyCache(int layer) => $"past_key_values.{layer}.key";

    /// <summary>The name of a layer's value cache among the inputs.</summary>
    public static string ValueCache(int layer) => $"past_key_values.{layer}.value";
}
