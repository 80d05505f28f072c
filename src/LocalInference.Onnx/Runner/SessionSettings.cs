using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>What the sessions of all devices have in common.</summary>
internal static class SessionSettings
{
    /// <summary>Makes the options of a session, whose owner the caller is.</summary>
    /// <param name="dataFolder">Where the graph's weights lie.</param>
    /// <param name="threads">Threads that compute.</param>
    public static SessionOptions Make(string dataFolder, int threads)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // Shapes change from step to step: a pattern of one would be in the way of the next.
            EnableMemoryPattern = false,
            // Whatever goes wrong comes back as an exception with the same text.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", dataFolder);
        // Long enough to bridge the gap between two nodes and two steps, short enough to leave an idle server idle.
        options.AddSessionConfigEntry("session.intra_op.spin_duration_us", "1000");
        return options;
    }
}
