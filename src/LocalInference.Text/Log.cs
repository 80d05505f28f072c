using Microsoft.Extensions.Logging;

namespace LocalInference.Text;

/// <summary>What reading a model's text files writes to the log.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Warning, "{Correction}")]
    public static partial void Corrected(ILogger logger, string correction);
}
