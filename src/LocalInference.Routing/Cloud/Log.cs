using LocalInference.Core.Errors;
using Microsoft.Extensions.Logging;

namespace LocalInference.Routing.Cloud;

/// <summary>What the cloud's side says in the log. Events 400 to 499; no text of prompts or answers, no keys.</summary>
internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Information, "Request {Id} finds no room here and goes to the cloud at {Cloud}.")]
    public static partial void Spilled(ILogger logger, string id, string cloud);

    [LoggerMessage(401, LogLevel.Warning, "The cloud at {Cloud} failed request {Id} ({Error}): {Cause}.")]
    public static partial void CloudFailed(ILogger logger, string id, string cloud, InferenceError error, string cause);

    [LoggerMessage(
        402, LogLevel.Warning,
        "The cloud at {Cloud} answered request {Id} without saying how many tokens it took; the answer's usage is zeros.")]
    public static partial void UsageMissing(ILogger logger, string id, string cloud);
}
