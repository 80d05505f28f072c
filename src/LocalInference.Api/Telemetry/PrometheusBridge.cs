using System.Diagnostics.Metrics;
using LocalInference.Core.Telemetry;
using Prometheus;

namespace LocalInference.Api.Telemetry;

/// <summary>
/// Shows the instruments of <see cref="InferenceMetrics"/> as Prometheus text. Listens from its construction on, so it is made before
/// anything is counted; has a registry of its own, and hears only the meters of its own factory, so that several servers in one process do
/// not mix.
/// </summary>
internal sealed class PrometheusBridge : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly MeterListener _listener = new();

    public PrometheusBridge(IMeterFactory meterFactory)
    {
        MetricFactory factory = Prometheus.Metrics.WithCustomRegistry(_registry);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == InferenceMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, meterFactory))
                listener.EnableMeasurementEvents(instrument, ExportedInstrument.Create(instrument, factory));
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, exported) => Record(exported, value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, exported) => Record(exported, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, exported) => Record(exported, value, tags));
        _registry.AddBeforeCollectCallback(_listener.RecordObservableInstruments);
        _listener.Start();
    }

    /// <summary>Reads the observable instruments and writes everything as text.</summary>
    public Task WriteAsync(Stream output, CancellationToken cancellationToken) =>
        _registry.CollectAndExportAsTextAsync(output, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static void Record(object? exported, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((ExportedInstrument)exported!).Record(value, tags);
}
