using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// The one place that starts ONNX Runtime's environment, of which a process has one. An application that embeds this library may have
/// started it already; that one is then used as it is.
/// </summary>
internal static class OrtRuntime
{
    private static readonly Lock Gate = new();

    /// <summary>ONNX Runtime's word for host memory, by handle; lives as long as the process.</summary>
    public static nint HostMemory => OrtMemoryInfo.DefaultInstance.DangerousGetHandle();

    public static void EnsureStarted()
    {
        RequireFunctions();
        lock (Gate)
        {
            if (OrtEnv.IsCreated)
                return;
            var options = new EnvironmentCreationOptions { logId = "LocalInference", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            try
            {
                OrtEnv.CreateInstanceWithOptions(ref options).DisableTelemetryEvents();
            }
            catch (OnnxRuntimeException) when (OrtEnv.IsCreated)
            {
                // Another thread of the application was faster; its environment serves as well.
            }
        }
    }

    /// <summary>
    /// Makes a session. One at a time: ONNX Runtime 1.31 looks whether a custom op's domain is known to the process and adds it in two
    /// steps, so of two first sessions at once one would fail with "domain is already exist" (measured: 2 of 12 runs with four at once).
    /// </summary>
    public static InferenceSession CreateSession(byte[] model, SessionOptions options)
    {
        lock (Gate)
            return new InferenceSession(model, options);
    }

    /// <summary>Copies tensors into others of the same shape, whichever memory each lies in.</summary>
    /// <returns>A status.</returns>
    public static unsafe void* CopyTensors(void** sources, void** targets, int count) =>
        OrtFunctions.CopyTensors(OrtEnv.Instance().DangerousGetHandle(), sources, targets, null, (nuint)count);

    /// <summary>
    /// Looks the function table up now, so that a wrong library is told by its own message and not as a type's failed initialisation.
    /// </summary>
    private static void RequireFunctions()
    {
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(OrtFunctions).TypeHandle);
        }
        catch (TypeInitializationException e) when (e.InnerException is InvalidOperationException inner)
        {
            throw new InvalidOperationException(inner.Message, e);
        }
    }
}
