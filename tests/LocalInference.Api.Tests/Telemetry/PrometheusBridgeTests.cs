using System.Diagnostics.Metrics;
using System.Text;
using LocalInference.Api.Telemetry;
using LocalInference.Core.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace LocalInference.Api.Tests.Telemetry;

public sealed class PrometheusBridgeTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IMeterFactory _meters;
    private readonly PrometheusBridge _bridge;

    public PrometheusBridgeTests()
    {
        _meters = _services.GetRequiredService<IMeterFactory>();
        _bridge = new PrometheusBridge(_meters);
    }

    public void Dispose()
    {
        _bridge.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Instruments_MadeBeforeTheBridge_AreHeardFromThenOn()
    {
        Counter<int> counter = _meters.Create(InferenceMetrics.MeterName).CreateCounter<int>("early");
        counter.Add(1);
        using PrometheusBridge later = new(_meters);
        counter.Add(2);

        Assert.Contains("localinference_early_total 2\n", await ScrapeAsync(later));
    }

    [Fact]
    public async Task Meters_OfOtherNames_AreNotShown()
    {
        _meters.Create("Other").CreateCounter<long>("foreign").Add(1);

        Assert.DoesNotContain("foreign", await ScrapeAsync(_bridge));
    }

    [Fact]
    public async Task Gauge_WithLabels_ShowsEveryOne()
    {
        _meters.Create(InferenceMetrics.MeterName).CreateObservableGauge<long>("pools", () =>
        [
            new Measurement<long>(1, new KeyValuePair<string, object?>("device", "cpu")),
            new Measurement<long>(2, new KeyValuePair<string, object?>("device", "a \"quoted\"\nname")),
        ]);

        string text = await ScrapeAsync(_bridge);

        Assert.Contains("localinference_pools{device=\"cpu\"} 1\n", text);
        Assert.Contains("localinference_pools{device=\"a \\\"quoted\\\"\\nname\"} 2\n", text);
    }

    [Fact]
    public async Task Histogram_WithLabels_HasTheBucketsOfItsAdvice()
    {
        Histogram<double> histogram = _meters.Create(InferenceMetrics.MeterName).CreateHistogram<double>(
            "waits", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10] });
        histogram.Record(5, new KeyValuePair<string, object?>("side", "cloud"));

        string text = await ScrapeAsync(_bridge);

        Assert.Contains("localinference_waits_bucket{side=\"cloud\",le=\"1\"} 0\n", text);
        Assert.Contains("localinference_waits_bucket{side=\"cloud\",le=\"10\"} 1\n", text);
        Assert.DoesNotContain("localinference_waits_count 0", text);
    }

    [Fact]
    public async Task Counter_WithDifferentLabelSets_ShowsAll()
    {
        Counter<double> counter = _meters.Create(InferenceMetrics.MeterName).CreateCounter<double>("cost");
        counter.Add(0.5, new KeyValuePair<string, object?>("kind", "input"));
        counter.Add(0.25, new KeyValuePair<string, object?>("kind", "input"), new KeyValuePair<string, object?>("peak", true));

        string text = await ScrapeAsync(_bridge);

        Assert.Contains("localinference_cost_total{kind=\"input\"} 0.5\n", text);
        Assert.Contains("localinference_cost_total{kind=\"input\",peak=\"True\"} 0.25\n", text);
    }

    [Fact]
    public void Instrument_OfAKindThatIsNotShown_IsRefusedByName()
    {
        NotSupportedException e = Assert.Throws<NotSupportedException>(
            () => _meters.Create(InferenceMetrics.MeterName).CreateUpDownCounter<long>("both_ways"));

        Assert.Contains("'both_ways'", e.Message);
        Assert.Contains("histograms of double", e.Message);
    }

    private static async Task<string> ScrapeAsync(PrometheusBridge bridge)
    {
        MemoryStream output = new();
        await bridge.WriteAsync(output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
