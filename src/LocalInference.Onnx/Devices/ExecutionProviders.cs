using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Devices;

/// <summary>
/// ONNX Runtime's execution providers of the devices. Whether one can be used is found by appending it: the list of available providers
/// names those too
/// whose libraries are missing.
/// </summary>
internal static class ExecutionProviders
{
    private const string VulkanLoader = "libvulkan.so.1";

    /// <summary>Why a device cannot be used; null where it can.</summary>
    public static string? ReasonAgainst(string device)
    {
        if (device == DeviceNames.Cpu)
            return null;
        OrtRuntime.EnsureStarted();
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            Append(options, device, index: 0);
            return null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return Explain(device, e.Message, CanLoad);
        }
    }

    /// <summary>Gives a session's options the device's provider.</summary>
    /// <param name="options">A session's.</param>
    /// <param name="device">One of <see cref="DeviceNames.All"/>, never <see cref="DeviceNames.Auto"/>.</param>
    /// <param name="index">Which GPU, for CUDA.</param>
    /// <exception cref="OnnxRuntimeException">It cannot be used.</exception>
    public static void Append(SessionOptions options, string device, int index)
    {
        if (device == DeviceNames.WebGpu)
            // There are no convolutions, whose layout the provider would change; and only without that pass does ONNX Runtime's assignment report have the nodes.
            options.AppendExecutionProvider("WebGPU", new Dictionary<string, string> { ["validationMode"] = "disabled", ["preferredLayout"] = "NCHW" });
        else if (device == DeviceNames.Cuda)
            AppendCuda(options, index);
        else if (device != DeviceNames.Cpu)
            throw new ArgumentOutOfRangeException(nameof(device), device, "Not a device that a provider exists for.");
    }

    /// <summary>ONNX Runtime's message in terms of what to install.</summary>
    /// <param name="device">What was asked for.</param>
    /// <param name="message">What ONNX Runtime said.</param>
    /// <param name="canLoad">Whether a system library can be loaded.</param>
    internal static string Explain(string device, string message, Func<string, bool> canLoad)
    {
        bool isLacking = Has("not supported in this build") || Has("not enabled in this build") || Has("entry point");
        if (device == DeviceNames.WebGpu)
            return isLacking
                ? "the loaded onnxruntime library has no WebGPU provider (NuGet's Microsoft.ML.OnnxRuntime has none); "
                    + "take a library of the same version that has one"
                : !canLoad(VulkanLoader) ? $"the Vulkan loader {VulkanLoader} is missing; install it with the GPU's Vulkan driver"
                : Has("adapter") ? "Vulkan finds no adapter; install the GPU's Vulkan driver and see that the process may open the device"
                : $"ONNX Runtime says: {Line()}";
        return isLacking
            ? "the loaded onnxruntime library has no CUDA provider (NuGet's Microsoft.ML.OnnxRuntime has none); build with -p:Device=cuda"
            : !canLoad(CudaDriver.Library) ? $"the NVIDIA driver's {CudaDriver.Library} is missing; install the driver, or start the container with the GPU"
            : $"ONNX Runtime says: {Line()}";

        bool Has(string part) => message.Contains(part, StringComparison.OrdinalIgnoreCase);

        string Line() => message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
    }

    private static void AppendCuda(SessionOptions options, int index)
    {
        using var cuda = new OrtCUDAProviderOptions();
        // The arena takes what is needed and no more: what is free afterwards is the cache's.
        cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = $"{index}", ["arena_extend_strategy"] = "kSameAsRequested" });
        options.AppendExecutionProvider_CUDA(cuda);
    }

    private static bool CanLoad(string library)
    {
        if (!NativeLibrary.TryLoad(library, out nint handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
