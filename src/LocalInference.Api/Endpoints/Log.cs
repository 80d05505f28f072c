using Microsoft.Extensions.Logging;

namespace LocalInference.Api.Endpoints;

/// <summary>What the HTTP side has to say in the log. Events 500 to 599; no text of prompts or answers, no keys.</summary>
internal static partial class Log
{
    [LoggerMessage(500, LogLevel.Error, "{Method} {Path} failed by a fault of the server")]
    public static partial void RequestFailed(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(501, LogLevel.Error, "The stream of {CompletionId} broke after it had begun; the client got an error frame")]
    public static partial void StreamBroke(ILogger logger, string completionId, Exception exception);

    [LoggerMessage(502, LogLevel.Debug, "{Method} {Path}: the client went away")]
    public static partial void ClientGone(ILogger logger, string method, string path);
}
