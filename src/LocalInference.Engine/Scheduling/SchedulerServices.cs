using LocalInference.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace LocalInference.Engine.Scheduling;

/// <summary>What a scheduler reports to.</summary>
/// <param name="State">Its counters for others.</param>
/// <param name="Drain">How fast it works.</param>
/// <param name="Time">Its clock.</param>
/// <param name="Logger">Its log.</param>
/// <param name="Metrics">Null for warm-up, whose steps are no traffic.</param>
internal sealed record SchedulerServices(EngineState State, DrainRate Drain, TimeProvider Time, ILogger Logger, InferenceMetrics? Metrics);
