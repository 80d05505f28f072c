using LocalInference.Core.Execution;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Devices;

/// <summary>The memory of a device: ONNX Runtime's word for it, and how much of it a cache may take.</summary>
internal static class DeviceMemory
{
    /// <summary>What is taken for a WebGPU device's memory, since WebGPU tells nobody how much there is: what small GPUs have.</summary>
    public const long AssumedBytes = 4L << 30;

    /// <summary>What every WebGPU device can bind as one tensor.</summary>
    public const long BindableBytes = 128L << 20;

    /// <summary>How much a cache may take where nobody says: a quarter of the device's memory, and no more than one tensor may have.</summary>
    public static long RoomFor(KvLayout layout, DeviceChoice device)
    {
        long bindable = BindableBytes / layout.Layers[0].Tensors[0].BytesPerToken * layout.BytesPerToken;
        return Math.Min(AssumedBytes / 4, bindable);
    }

    /// <summary>ONNX Runtime's word for it.</summary>
    /// <param name="device">One of <see cref="DeviceNames.All"/> with memory of its own.</param>
    /// <param name="index">Which device of that kind.</param>
    public static OrtMemoryInfo InfoOf(string device, int index) =>
        new(device == DeviceNames.Cuda ? "Cuda" : "WebGPU_Buf", OrtAllocatorType.DeviceAllocator, index, OrtMemType.Default);
}
