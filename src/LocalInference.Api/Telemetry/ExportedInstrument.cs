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
        return instrument switch
        {
            Counter<long> or Counter<int> or Counter<double> => new ExportedCounter(factory, $"{name}_total", help),
            Histogram<double> histogram => new ExportedHistogram(factory, name, help, histogram.Advice?.HistogramBucketBoundaries),
            ObservableGauge<int> or ObservableGauge<long> or ObservableGauge<double> => new ExportedGauge(factory, name, help),
            _ => throw new NotSupportedException(
                $"Instrument '{instrument.Name}' is a {instrument.GetType()}; /metrics shows counters and observable gauges of int, long and double, and histograms of double."),
        };
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

    private sealed class ExportedCounter(MetricFactory factory, string name, string help) : ExportedInstrument
    {
        private readonly Counter _plain = factory.CreateCounter(name, help);

        protected override void RecordPlain(double value) => _plain.Inc(value);

        protected override void RecordLabelled(double value, string[] names, string[] values) =>
            factory.CreateCounter(name, help, names).WithLabels(values).Inc(value);

        protected override void HidePlain() => _plain.Unpublish();
    }

    private sealed class ExportedGauge(MetricFactory factory, string name, string help) : ExportedInstrument
    {
        private readonly Gauge _plain = factory.CreateGauge(name, help);

        protected override void RecordPlain(double value) => _plain.Set(value);

        protected override void RecordLabelled(double value, string[] names, string[] values) =>
            factory.CreateGauge(name, help, names).WithLabels(values).Set(value);

        protected override void HidePlain() => _plain.Unpublish();
    }

    private sealed class ExportedHistogram : ExportedInstrument
    {
        private readonly MetricFactory _factory;
        private readonly string _name;
        private readonly string _help;
        private readonly HistogramConfiguration _configuration;
        private readonly Histogram _plain;

        public ExportedHistogram(MetricFactory factory, string name, string help, IReadOnlyList<double>? buckets)
        {
            (_factory, _name, _help) = (factory, name, help);
            _configuration = buckets is null ? new HistogramConfiguration() : new HistogramConfiguration { Buckets = [.. buckets] };
            _plain = factory.CreateHistogram(name, help, _configuration);
        }

        protected override void RecordPlain(double value) => _plain.Observe(value);

        protected override void RecordLabelled(double value, string[] names, string[] values) =>
            _factory.CreateHistogram(_name, _help, names, _configuration).WithLabels(values).Observe(value);

        protected override void HidePlain() => _plain.Unpublish();
    }
}
