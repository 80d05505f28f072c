namespace LocalInference.Options;

/// <summary>What ONNX Runtime runs on.</summary>
public sealed class OnnxRuntimeOptions
{
    /// <summary>
    /// The native onnxruntime library that runs the model, where it shall be another than the package's own, which has the CPU only.
    /// </summary>
    /// <value>
    /// The path of a library (<c>libonnxruntime.so</c>) of version 1.31 or later, for example one with the provider of <c>webgpu</c>. The
    /// default, none, takes the package's own.
    /// </value>
    public string? Library { get; init; }

    /// <summary>Which NVIDIA GPU, for the device <c>cuda</c>.</summary>
    /// <value>
    /// Its index as CUDA counts, its UUID (<c>GPU-…</c>), or a beginning of that which only one has. The default, none, takes the first.
    /// </value>
    public string? Gpu { get; init; }
}
