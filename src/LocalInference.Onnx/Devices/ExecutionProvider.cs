using System.Runtime.InteropServices;
using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Devices;

/// <summary>
/// ONNX Runtime's execution provider of a device with memory of its own: everything that differs from one such device to another. A further
/// device is a class of this kind with its line in <see cref="DeviceNames.Providers"/>.
/// </summary>
internal abstract class ExecutionProvider
{
    // What ONNX Runtime says when its library was built without a provider.
    private static readonly string[] LackingPhrases = ["not supported in this build", "not enabled in this build", "entry point"];

    /// <summary>The device: one of <see cref="DeviceNames"/>.</summary>
    public abstract string Device { get; }

    /// <summary>What a served graph looks like there.</summary>
    public abstract ServedGraphProfile Profile { get; }

    /// <summary>ONNX Runtime's name of the device's memory.</summary>
    public abstract string MemoryName { get; }

    /// <summary>What to do where the loaded library has no such provider; a sentence without its end.</summary>
    protected abstract string LackingAdvice { get; }

    /// <summary>Gives a session's options the provider.</summary>
    /// <param name="options">A session's.</param>
    /// <param name="gpu">Which GPU, where one can be chosen; null for the first.</param>
    /// <exception cref="OnnxRuntimeException">It cannot be used.</exception>
    public abstract void AppendTo(SessionOptions options, CudaDevice? gpu = null);

    /// <summary>Bytes that a cache may take where nobody says, once the weights are loaded.</summary>
    /// <param name="layout">What the cache holds.</param>
    /// <param name="gpu">Which GPU, where one can be chosen.</param>
    public abstract long RoomFor(KvLayout layout, CudaDevice? gpu);

    /// <summary>
    /// Why the device cannot be used; null where it can. That is found by appending the provider: ONNX Runtime's list of available ones
    /// names those too whose libraries are missing.
    /// </summary>
    public string? ReasonAgainst()
    {
        OrtRuntime.EnsureStarted();
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            AppendTo(options);
            return null;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return Explain(e.Message, CanLoad);
        }
    }

    /// <summary>ONNX Runtime's message in terms of what to install.</summary>
    /// <param name="message">What ONNX Runtime said.</param>
    /// <param name="canLoad">Whether a system library can be loaded.</param>
    internal string Explain(string message, Func<string, bool> canLoad) =>
        LackingPhrases.Any(p => message.Contains(p, StringComparison.OrdinalIgnoreCase))
            ? LackingAdvice
            : MissingPart(message, canLoad) ?? $"ONNX Runtime says: {message.ReplaceLineEndings(" ").Trim().TrimEnd('.')}";

    /// <summary>Which part of the system is missing; null where that cannot be told.</summary>
    protected abstract string? MissingPart(string message, Func<string, bool> canLoad);

    private static bool CanLoad(string library)
    {
        if (!NativeLibrary.TryLoad(library, out nint handle))
            return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
