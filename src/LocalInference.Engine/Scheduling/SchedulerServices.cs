using LocalInference.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace LocalInference.Engine.Scheduling;

/// <summary>What a scheduler reports to.</summary>
/// <param name="State">Its counters for others.</param>
/// <param name="Time">Its clock.</param>
/// <param name="Logger">Its log.</param>
/// <param name="Metrics">Null while what runs is no traffic: warm-up and self-test.</param>
internal sealed record SchedulerServices(EngineState State, TimeProvider Time, ILogger Logger, InferenceMetrics? Metrics)
{
    /// <inheritdoc cref="SchedulerServices(EngineState, TimeProvider, ILogger, InferenceMetrics)"/>
    public InferenceMetrics? Metrics { get; set; } = Metrics;
}
