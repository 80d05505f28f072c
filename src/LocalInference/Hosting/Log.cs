using Microsoft.Extensions.Logging;

namespace LocalInference.Hosting;

/// <summary>What the engine's life writes to the log.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Model} is ready {Seconds:F1} s after loading began.")]
    public static partial void Ready(ILogger logger, string model, double seconds);

    [LoggerMessage(2, LogLevel.Critical, "{Message}")]
    public static partial void LoadFailed(ILogger logger, Exception? cause, string message);

    [LoggerMessage(3, LogLevel.Information, "Requests that leave sampling out get {Sampling}.")]
    public static partial void DefaultSampling(ILogger logger, string sampling);
}
