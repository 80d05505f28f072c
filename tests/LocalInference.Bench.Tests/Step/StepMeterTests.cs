using LocalInference.Bench.Machine;
using LocalInference.Bench.Step;
using LocalInference.Onnx.Graph;

namespace LocalInference.Bench.Tests.Step;

/// <summary>What times say; the clock has no part in it.</summary>
public sealed class StepMeterTests
{
    private static readonly ModelCost Cost = new(new WeightCost(800, 1600), new WeightCost(100, 200), new WeightCost(100, 200));
    private static readonly MachineLimits Limits = new(1e6, 1e7, 50);

    [Fact]
    public void Results_AReadingBoundCase_CountsWeightsAndCacheAgainstTheBandwidth()
    {
        using LimitMeter limits = new(1);
        StepMeter meter = new([new FakeEngine("own", 10)], Cost, limits);
        StepResult result = meter.Results(Times("decode:2@99", [2, 2, 2, 2, 2, 4])).Single();
        // 1,000 bytes of weights and 2 x 100 x 10 of cache at 1 MB/s take 3 ms.
        Assert.Equal(1.5, result.LimitShare!.Value, 1e-9);
        Assert.Equal(1000, result.TokensPerSecond, 1e-9);
        Assert.Equal([500, 1000], result.Ci95);
        Assert.Equal(2, result.StepMs);
    }

    [Fact]
    public void Results_OtherCases_CountMultiplyAddsAgainstTheHotKernel()
    {
        using LimitMeter limits = new(1);
        StepMeter meter = new([new FakeEngine("own", 10)], Cost, limits);
        // 100 x 1,600 + 400 for the one wanted row, at 10 M a second: 16.04 ms.
        Assert.Equal(0.802, meter.Results(Times("prefill:100", [20, 20, 20, 20, 20, 20])).Single().LimitShare!.Value, 1e-9);
        Assert.Null(meter.Results(Times("prefill:100", [20, 20, 20, 20, 20, 20]) with { Limits = Limits with { HotKernelMultiplyAdds = null } }).Single().LimitShare);
    }

    [Fact]
    public void Ratio_OfTwoEngines_IsTheMedianOfTurns()
    {
        using LimitMeter limits = new(1);
        StepMeter meter = new([new FakeEngine("own", 1), new FakeEngine("onnxruntime", 1)], Cost, limits);
        StepRatio ratio = meter.Ratio(Times("decode:8", [1, 2, 1, 2, 1, 2], [3, 6, 3, 6, 3, 8]))!;
        Assert.Equal(3, ratio.Ratio);
        Assert.Equal([3, 4], ratio.Ci95);
        Assert.Equal("own/onnxruntime", ratio.Kernels);
        Assert.Null(new StepMeter([new FakeEngine("own", 1)], Cost, limits).Ratio(Times("decode:8", [1, 1, 1, 1, 1, 1])));
    }

    [Fact]
    public void Measure_TwoEngines_TakeTurns()
    {
        List<string> runs = [];
        using LimitMeter limits = new(1);
        StepMeter meter = new([new FakeEngine("a", 1, runs), new FakeEngine("b", 1, runs)], Cost, limits);
        CaseTimes measured = meter.Measure(StepCases.Parse("decode:8").Values[0], TestContext.Current.CancellationToken);
        Assert.True(measured.Times[0].Count >= Estimate.MinSamples);
        Assert.Equal(measured.Times[0].Count, measured.Times[1].Count);
        // Two warm steps each, then a warm one and a measured one in turn.
        Assert.Equal(["a", "a", "b", "b", "a", "a", "b", "b", "a", "a"], runs.Take(10));
        Assert.True(measured.Limits.ReadBytesPerSecond > 0);
    }

    private static CaseTimes Times(string name, params List<double>[] times) => new(StepCases.Parse(name).Values[0], times, Limits);

    private sealed class FakeEngine(string name, long cacheBytesPerToken, List<string>? runs = null) : IStepEngine
    {
        public string Name => name;

        public long CacheBytesPerToken => cacheBytesPerToken;

        public IReadOnlyList<int> Tokens => [];

        public void Prepare(StepCase step)
        {
        }

        public void Run() => runs?.Add(name);

        public void Dispose()
        {
        }
    }
}
