namespace LocalInference.Core.Completions;

/// <summary>Whether the local engine can take requests, for health checks.</summary>
/// <remarks>Safe for concurrent use; never blocks.</remarks>
public interface IServerStatus
{
    /// <summary>Where the engine is in its life.</summary>
    ServerPhase Phase { get; }

    /// <summary>A sentence about the phase: what is being done, or what went wrong.</summary>
    string Reason { get; }

    /// <summary>Whether the engine thread beats: false once a step has been running for longer than any step should.</summary>
    bool IsAlive { get; }

    /// <summary>The local model; null until its folder has been read.</summary>
    ServedModel? Model { get; }

    /// <summary>Facts for <c>/health</c> by name, for example the device, kernels and batch invariance.</summary>
    IReadOnlyDictionary<string, object> Facts { get; }
}

/// <summary>The life of the engine, in order.</summary>
public enum ServerPhase
{
    /// <summary>Reading weights.</summary>
    Loading,

    /// <summary>Running the warm-up sweep and the self-test.</summary>
    WarmingUp,

    /// <summary>Serving.</summary>
    Ready,

    /// <summary>Finishing what runs; takes nothing new.</summary>
    Draining,

    /// <summary>Cannot serve; <see cref="IServerStatus.Reason"/> says why.</summary>
    Failed,
}
