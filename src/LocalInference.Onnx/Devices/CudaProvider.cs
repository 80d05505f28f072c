using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Devices;

/// <summary>NVIDIA GPUs. (Written from ONNX Runtime's documentation; there has been no GPU to run it on.)</summary>
internal sealed class CudaProvider : ExecutionProvider
{
    /// <inheritdoc/>
    public override string Device => DeviceNames.Cuda;

    /// <summary>
    /// Without <c>attention_metadata</c> its attention would wait for the device in every layer, and CUDA graphs demand it; the fast kernel
    /// takes blocks of 256 for every head size.
    /// </summary>
    public override ServedGraphProfile Profile { get; } = new() { BlockTokens = 256, MaxSequences = 256, TakesAttentionMetadata = true };

    /// <inheritdoc/>
    public override string MemoryName => "Cuda";

    /// <inheritdoc/>
    protected override string LackingAdvice =>
        "the loaded onnxruntime library has no CUDA provider (NuGet's Microsoft.ML.OnnxRuntime has none); build with -p:Device=cuda";

    /// <inheritdoc/>
    public override void AppendTo(SessionOptions options, CudaDevice? gpu = null)
    {
        using var cuda = new OrtCUDAProviderOptions();
        // The arena takes what is needed and no more: what is free afterwards is the cache's.
        cuda.UpdateOptions(
            new Dictionary<string, string> { ["device_id"] = $"{gpu?.Index ?? 0}", ["arena_extend_strategy"] = "kSameAsRequested" });
        options.AppendExecutionProvider_CUDA(cuda);
    }

    /// <summary>Four fifths of what is free; the rest is for what a step computes.</summary>
    public override long RoomFor(KvLayout layout, CudaDevice? gpu)
    {
        using CudaDriver? driver = CudaDriver.TryLoad();
        return (driver?.FreeBytes(gpu!.Index) ?? gpu!.TotalBytes / 2) / 5 * 4;
    }

    /// <inheritdoc/>
    protected override string? MissingPart(string message, Func<string, bool> canLoad) => canLoad(CudaDriver.Library)
        ? null
        : $"the NVIDIA driver's {CudaDriver.Library} is missing; install the driver, or start the container with the GPU";
}
