using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Fusion;

namespace LocalInference.Onnx;

/// <summary>How a model folder is loaded.</summary>
public sealed record OnnxModelOptions
{
    /// <summary>What the model runs on.</summary>
    /// <value>
    /// One of <see cref="DeviceNames.All"/>. The default is <c>cpu</c>: what every machine has, so that a folder runs alike everywhere.
    /// </value>
    public string Device { get; init; } = DeviceNames.Cpu;

    /// <summary>Which NVIDIA GPU, where the device is <see cref="DeviceNames.Cuda"/>.</summary>
    /// <value>
    /// Its index as CUDA counts, its UUID (<c>GPU-…</c>), or a beginning of that which only one has. Null, the default, takes the first.
    /// </value>
    public string? Gpu { get; init; }

    /// <summary>The native onnxruntime library that runs it, for example one with another device's provider.</summary>
    /// <value>
    /// A path. Null, the default, takes the package's own. A process has one library, so all of its models must name the same.
    /// </value>
    public string? Library { get; init; }

    /// <summary>The graph to run, where a folder holds several.</summary>
    /// <value>
    /// A path inside the folder, for example <c>onnx/model_q4.onnx</c>. Null, the default, takes the configuration's or the folder's only
    /// one.
    /// </value>
    public string? File { get; init; }

    /// <summary>Whose kernels multiply with quantised weights on the CPU.</summary>
    /// <value>The default is <see cref="MatrixKernels.Own"/>; <see cref="MatrixKernels.OnnxRuntime"/> is there to compare with.</value>
    public MatrixKernels Kernels { get; init; } = MatrixKernels.Own;

    /// <summary>What is fused around our own products: everything, but where a benchmark asks what a fusion is worth.</summary>
    internal Fusions Fusions { get; init; } = Fusions.All;
}
