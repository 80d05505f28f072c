namespace LocalInference.Onnx.Devices;

/// <summary>The devices that a model can run on.</summary>
public static class DeviceNames
{
    /// <summary>The best one that this machine and the loaded onnxruntime library have.</summary>
    public const string Auto = "auto";

    /// <summary>The processor; always there.</summary>
    public const string Cpu = "cpu";

    /// <summary>Any GPU with a Vulkan driver.</summary>
    public const string WebGpu = "webgpu";

    /// <summary>An NVIDIA GPU.</summary>
    public const string Cuda = "cuda";

    /// <summary>Everything that may be asked for.</summary>
    public static IReadOnlyList<string> All { get; } = [Auto, Cpu, WebGpu, Cuda];

    /// <summary>The providers that <see cref="Auto"/> tries, best first; what is left is the processor, which needs none.</summary>
    internal static IReadOnlyList<ExecutionProvider> Providers { get; } = [new CudaProvider(), new WebGpuProvider()];
}
