using LocalInference.Onnx.Devices;

namespace LocalInference.Onnx;

/// <summary>How a model folder is loaded.</summary>
public sealed record OnnxModelOptions
{
    /// <summary>What the model runs on.</summary>
    /// <value>One of <see cref="DeviceNames.All"/>. The default is <c>cpu</c>.</value>
    public string Device { get; init; } = DeviceNames.Cpu;

    /// <summary>Whose kernels multiply with quantised weights on the CPU.</summary>
    /// <value>The default is <see cref="MatrixKernels.Own"/>; <see cref="MatrixKernels.OnnxRuntime"/> is there to compare with.</value>
    public MatrixKernels Kernels { get; init; } = MatrixKernels.Own;
}
