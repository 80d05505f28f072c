namespace LocalInference.Engine.Scheduling;

/// <summary>What request threads can tell the engine thread.</summary>
/// <param name="Sequence">About whom.</param>
/// <param name="Abort">Why to let go of it; null = it is new.</param>
internal readonly record struct SchedulerCommand(Sequence Sequence, AbortReason? Abort = null);

/// <summary>Why a request wants no more tokens.</summary>
internal enum AbortReason
{
    /// <summary>Its client went away.</summary>
    ClientGone,

    /// <summary>Its text is complete: a stop string ended it.</summary>
    StopString,
}
