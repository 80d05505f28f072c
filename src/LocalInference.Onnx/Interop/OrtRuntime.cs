using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// The one place that starts ONNX Runtime's environment, of which a process has one. An application that embeds this library may have started it already;
/// that one is then used as it is.
/// </summary>
internal static class OrtRuntime
{
    private static readonly Lock Gate = new();

    public static void EnsureStarted()
    {
        RequireOneLibrary();
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

    /// <summary>Looks the function table up now, so that a wrong library is told by its own message and not as a type's failed initialisation.</summary>
    private static void RequireOneLibrary()
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
