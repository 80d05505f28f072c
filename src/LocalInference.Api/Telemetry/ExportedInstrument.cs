using System.Diagnostics.Metrics;
using System.Globalization;
using Prometheus;

namespace LocalInference.Api.Telemetry;

/// <summary>
/// One instrument on the Prometheus side. The instrument does not say which labels it has until the first measurement, so it appears
/// without any, at zero, and that line goes when a labelled one comes.
/// </summary>
internal abstract class ExportedInstrument
{
    private const string Prefix = "localinference_";

    private bool _isLabelled;

    public static ExportedInstrument Create(Instrument instrument, MetricFactory factory)
    {
        string name = Prefix + instrument.Name;
        string help = instrument.Description ?? "";
        switch (instrument)
        {
            case Counter<long> or Counter<int> or Counter<double>:
                return new Exported<Counter.Child>(
                    labels => factory.CreateCounter($"{name}_total", help, labels), static (counter, value) => counter.Inc(value));
            case ObservableGauge<int> or ObservableGauge<long> or ObservableGauge<double>:
                return new Exported<Gauge.Child>(
                    labels => factory.CreateGauge(name, help, labels), static (gauge, value) => gauge.Set(value));
            case Histogram<double> histogram:
                HistogramConfiguration configuration = new();
                if (histogram.Advice?.HistogramBucketBoundaries is { } buckets) configuration.Buckets = [.. buckets];
                return new Exported<Histogram.Child>(
                    labels => factory.CreateHistogram(name, help, labels, configuration), static (child, value) => child.Observe(value));
            default:
                throw new NotSupportedException(
                    $"Instrument '{instrument.Name}' is a {instrument.GetType()}; "
                    + "/metrics shows counters and observable gauges of int, long and double, and histograms of double.");
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            RecordPlain(value);
            return;
        }
        if (!_isLabelled)
        {
            _isLabelled = true;
            HidePlain();
        }
        string[] names = new string[tags.Length];
        string[] values = new string[tags.Length];
        for (int i = 0; i < tags.Length; i++)
        {
            names[i] = tags[i].Key;
            values[i] = Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "";
        }
        RecordLabelled(value, names, values);
    }

    protected abstract void RecordPlain(double value);

    protected abstract void RecordLabelled(double value, string[] names, string[] values);

    protected abstract void HidePlain();

    /// <param name="create">The collector with these label names; the same again for the same names.</param>
    /// <param name="record">Takes a measurement down.</param>
    private sealed class Exported<TChild>(Func<string[], Collector<TChild>> create, Action<TChild, double> record) : ExportedInstrument
        where TChild : ChildBase
    {
        private readonly TChild _plain = create([]).WithLabels();

        protected override void RecordPlain(double value) => record(_plain, value);

        protected override void RecordLabelled(double value, string[] names, string[] values) =>
            record(create(names).WithLabels(values), value);

        protected override void HidePlain() => _plain.Unpublish();
    }
}
