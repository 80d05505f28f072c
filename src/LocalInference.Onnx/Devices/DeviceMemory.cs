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

    /// <summary>How much a cache may take where nobody says, once the weights are loaded.</summary>
    /// <param name="layout">What the cache holds.</param>
    /// <param name="device">Where.</param>
    /// <returns>
    /// Of CUDA devices four fifths of what is free (the rest is for what a step computes); of WebGPU devices a quarter of the assumed
    /// memory, and no more than a tensor may have that holds one layer's keys.
    /// </returns>
    public static long RoomFor(KvLayout layout, DeviceChoice device)
    {
        if (device.Gpu is { } gpu)
        {
            using CudaDriver? driver = CudaDriver.TryLoad();
            return (driver?.FreeBytes(gpu.Index) ?? gpu.TotalBytes / 2) / 5 * 4;
        }
        long bindable = BindableBytes / layout.Layers[0].Tensors[0].BytesPerToken * layout.BytesPerToken;
        return Math.Min(AssumedBytes / 4, bindable);
    }

    /// <summary>ONNX Runtime's word for it.</summary>
    public static OrtMemoryInfo InfoOf(DeviceChoice device)
    {
        string name = device.Name == DeviceNames.Cuda ? "Cuda" : "WebGPU_Buf";
        return new OrtMemoryInfo(name, OrtAllocatorType.DeviceAllocator, device.Gpu?.Index ?? 0, OrtMemType.Default);
    }
}
