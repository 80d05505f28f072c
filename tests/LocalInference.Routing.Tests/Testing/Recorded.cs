using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LocalInference.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace LocalInference.Routing.Tests.Testing;

/// <summary>The server's instruments with every count kept as <c>name{value,value}</c>.</summary>
internal sealed class RecordedMetrics : IMeterFactory
{
    private readonly ConcurrentQueue<string> _counts = new();
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();

    public RecordedMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.Contains(instrument.Meter)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
            _counts.Enqueue($"{instrument.Name}{{{string.Join(',', tags.ToArray().Select(t => t.Value))}}}"));
        _listener.Start();
        Metrics = new InferenceMetrics(this);
    }

    public InferenceMetrics Metrics { get; }

    public IReadOnlyList<string> Counts => [.. _counts];

    public Meter Create(MeterOptions options)
    {
        Meter meter = new(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(m => m.Dispose());
    }
}

/// <summary>A log kept in memory, every level.</summary>
internal sealed class RecordedLog<T> : ILogger<T>, ILoggerFactory
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public string Text => string.Join('\n', _lines);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public void Dispose() { }
}
