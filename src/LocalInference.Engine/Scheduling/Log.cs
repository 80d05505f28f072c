using Microsoft.Extensions.Logging;

namespace LocalInference.Engine.Scheduling;

/// <summary>What the engine says in the log. Events 300 to 399; never a prompt's text, never a token.</summary>
internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Error, "A step of {Tokens} tokens failed; its {Sequences} sequences are failed, the others go on.")]
    public static partial void StepFailed(ILogger logger, Exception exception, int tokens, int sequences);

    [LoggerMessage(
        301, LogLevel.Error, "The model's logits for request {Id} at position {Position} are not finite; the request is failed.")]
    public static partial void LogitsBroken(ILogger logger, string id, int position);

    [LoggerMessage(302, LogLevel.Information,
        "The engine serves {MaxSequences} sequences at once, {MaxQueuedRequests} may wait; "
        + "{StepTokens} tokens in a step, {BlockCount} cache blocks of {BlockTokens} tokens.")]
    public static partial void EngineStarted(
        ILogger logger, int maxSequences, int maxQueuedRequests, int stepTokens, int blockCount, int blockTokens);

    [LoggerMessage(303, LogLevel.Information, "The engine has stopped; {Failed} unfinished sequences were failed.")]
    public static partial void EngineStopped(ILogger logger, int failed);

    [LoggerMessage(
        304, LogLevel.Critical, "The engine thread ended by an error of its own; every sequence is failed and nothing new is taken.")]
    public static partial void EngineDied(ILogger logger, Exception exception);

    [LoggerMessage(305, LogLevel.Information, "Warm-up: {Steps} steps, {Tokens} tokens in {Seconds:F1} s.")]
    public static partial void WarmedUp(ILogger logger, int steps, long tokens, double seconds);

    [LoggerMessage(306, LogLevel.Error, "Request {Id} could not be told that its sequence has ended.")]
    public static partial void SinkFailed(ILogger logger, Exception exception, string id);
}
