using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using Microsoft.Extensions.Logging;

namespace LocalInference.Onnx.Tests.Runner;

public class CostReportTests
{
    private static readonly ModelCost Small = new(new WeightCost(1000, 2000), default, default);
    private static readonly ModelCost Large = new(new WeightCost(ReadBandwidth.DefaultBytes, 2000), default, default);

    [Fact]
    public void Write_LargeWeights_TellsLimitAndShare()
    {
        var lines = new LineLogger(LogLevel.Information);
        using var runner = new ScriptedModelRunner();
        CostReport.Write(runner, "large", Large, 2, TimeProvider.System, lines);
        string line = Assert.Single(lines.Lines);
        Assert.Matches(
            @"^Cost of large: a token alone reads 100663296 bytes of weights, and 8 for each token of context; with 2 threads memory gives [\d.]+ GB/s, "
            + @"which is a limit of [\d.]+ tokens/s at an empty context; [\d.]+ tokens/s were reached, a share of [\d.]+\.$",
            line);
        Assert.Equal(3, runner.StepCount);
    }

    [Fact]
    public void Write_WeightsThatCachesHold_MeasuresNothing()
    {
        var lines = new LineLogger(LogLevel.Information);
        using var runner = new ScriptedModelRunner();
        CostReport.Write(runner, "small", Small, 2, TimeProvider.System, lines);
        Assert.Equal(
            ["Cost of small: a token alone reads 1000 bytes of weights, and 8 for each token of context; caches may hold that, so memory sets no limit."],
            lines.Lines);
        Assert.Equal(0, runner.StepCount);
    }

    [Fact]
    public void Write_NobodyListens_MeasuresNothing()
    {
        using var runner = new ScriptedModelRunner();
        CostReport.Write(runner, "large", Large, 2, TimeProvider.System, new LineLogger(LogLevel.Warning));
        Assert.Equal(0, runner.StepCount);
    }

    private sealed class LineLogger(LogLevel least) : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
