using Microsoft.Extensions.Logging;

namespace LocalInference.Hosting;

/// <summary>What the engine's life writes to the log. Events 600 to 699.</summary>
internal static partial class Log
{
    [LoggerMessage(600, LogLevel.Information, "{Model} is ready {Seconds:F1} s after loading began.")]
    public static partial void Ready(ILogger logger, string model, double seconds);

    [LoggerMessage(601, LogLevel.Critical, "{Message}")]
    public static partial void LoadFailed(ILogger logger, Exception? cause, string message);

    [LoggerMessage(602, LogLevel.Information, "Requests that leave sampling out get {Sampling}.")]
    public static partial void DefaultSampling(ILogger logger, string sampling);
}
