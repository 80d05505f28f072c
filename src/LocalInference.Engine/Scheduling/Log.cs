using Microsoft.Extensions.Logging;

namespace LocalInference.Engine.Scheduling;

/// <summary>What the engine says in the log. Never a prompt's text, never a token.</summary>
internal static partial class Log
{
    [LoggerMessage(EventIds.StepFailed, LogLevel.Error, "A step of {Tokens} tokens failed; its {Sequences} sequences are failed, the others go on.")]
    public static partial void StepFailed(ILogger logger, Exception exception, int tokens, int sequences);

    [LoggerMessage(EventIds.LogitsBroken, LogLevel.Error, "The model's logits for request {Id} at position {Position} are not finite; the request is failed.")]
    public static partial void LogitsBroken(ILogger logger, string id, int position);

    [LoggerMessage(EventIds.EngineStarted, LogLevel.Information,
        "The engine serves {MaxSequences} sequences at once, {MaxQueuedRequests} may wait; {StepTokens} tokens in a step, {BlockCount} cache blocks of {BlockTokens} tokens.")]
    public static partial void EngineStarted(ILogger logger, int maxSequences, int maxQueuedRequests, int stepTokens, int blockCount, int blockTokens);

    [LoggerMessage(EventIds.EngineStopped, LogLevel.Information, "The engine has stopped; {Failed} unfinished sequences were failed.")]
    public static partial void EngineStopped(ILogger logger, int failed);

    [LoggerMessage(EventIds.EngineDied, LogLevel.Critical, "The engine thread ended by an error of its own; every sequence is failed and nothing new is taken.")]
    public static partial void EngineDied(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.WarmedUp, LogLevel.Information, "Warm-up: {Steps} steps, {Tokens} tokens in {Seconds:F1} s.")]
    public static partial void WarmedUp(ILogger logger, int steps, long tokens, double seconds);

    [LoggerMessage(EventIds.SinkFailed, LogLevel.Error, "Request {Id} could not be told that its sequence has ended.")]
    public static partial void SinkFailed(ILogger logger, Exception exception, string id);

    // Numbers of this project's events: 2000 to 2099.
    private static class EventIds
    {
        public const int StepFailed = 2000;
        public const int LogitsBroken = 2001;
        public const int EngineStarted = 2002;
        public const int EngineStopped = 2003;
        public const int EngineDied = 2004;
        public const int WarmedUp = 2005;
        public const int SinkFailed = 2006;
    }
}
