using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Devices;

/// <summary>Any GPU with a Vulkan driver.</summary>
internal sealed class WebGpuProvider : ExecutionProvider
{
    private const string VulkanLoader = "libvulkan.so.1";

    /// <summary>What is taken for the device's memory, since WebGPU tells nobody how much there is: what small GPUs have.</summary>
    private const long AssumedBytes = 4L << 30;

    /// <summary>What every WebGPU device can bind as one tensor.</summary>
    private const long BindableBytes = 128L << 20;

    /// <inheritdoc/>
    public override string Device => DeviceNames.WebGpu;

    /// <summary>Its attention refuses <c>attention_metadata</c>.</summary>
    public override ServedGraphProfile Profile { get; } = new() { BlockTokens = 16 };

    /// <inheritdoc/>
    public override string MemoryName => "WebGPU_Buf";

    /// <inheritdoc/>
    protected override string LackingAdvice =>
        "the loaded onnxruntime library has no WebGPU provider (NuGet's Microsoft.ML.OnnxRuntime has none); "
        + "take a library of the same version that has one";

    /// <inheritdoc/>
    public override void AppendTo(SessionOptions options, CudaDevice? gpu = null) =>
        // There are no convolutions, whose layout the provider would change; and only without that pass does ONNX Runtime's assignment
        // report have the nodes.
        options.AppendExecutionProvider(
            "WebGPU", new Dictionary<string, string> { ["validationMode"] = "disabled", ["preferredLayout"] = "NCHW" });

    /// <summary>A quarter of the assumed memory, and no more than a tensor may have that holds one layer's keys.</summary>
    public override long RoomFor(KvLayout layout, CudaDevice? gpu) =>
        Math.Min(AssumedBytes / 4, BindableBytes / layout.Layers[0].Tensors[0].BytesPerToken * layout.BytesPerToken);

    /// <inheritdoc/>
    protected override string? MissingPart(string message, Func<string, bool> canLoad) =>
        !canLoad(VulkanLoader) ? $"the Vulkan loader {VulkanLoader} is missing; install it with the GPU's Vulkan driver"
        : message.Contains("adapter", StringComparison.OrdinalIgnoreCase)
            ? "Vulkan finds no adapter; install the GPU's Vulkan driver and see that the process may open the device"
        : null;
}
