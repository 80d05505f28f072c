using Microsoft.Extensions.Logging.Console;

namespace LocalInference.Host.Commands;

/// <summary>Logging for every command: standard output belongs to what the user asked for, so the log goes to standard error.</summary>
internal static class StandardError
{
    public static void ToStandardError(this ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddSimpleConsole(format => (format.SingleLine, format.TimestampFormat) = (true, "HH:mm:ss "));
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
