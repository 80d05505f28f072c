using LocalInference.Core.Telemetry;
using LocalInference.Engine.Sampling;
using Microsoft.Extensions.Logging;

namespace LocalInference.Engine.Completions;

/// <summary>What an engine needs from its surroundings. Nothing of it is owned by the engine.</summary>
/// <param name="Metrics">Receives counts and times.</param>
/// <param name="Logger">Receives events; never a prompt's text.</param>
public sealed record EngineServices(InferenceMetrics Metrics, ILogger Logger)
{
    /// <summary>The clock of all timings and timeouts.</summary>
    /// <value>The default is the system's.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the seed of a request without one comes from.</summary>
    /// <value>The default is the operating system's generator.</value>
    internal ISeedSource Seeds { get; init; } = new RandomSeedSource();
}
