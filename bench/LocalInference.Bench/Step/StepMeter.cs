using System.Diagnostics;
using LocalInference.Bench.Machine;
using LocalInference.Onnx.Graph;

namespace LocalInference.Bench.Step;

/// <summary>Measures a case with one engine, or with several in turn: A B A B, so that whatever the machine does meets all of them alike.</summary>
/// <param name="engines">Measured in this order.</param>
/// <param name="cost">What the model's steps cost.</param>
/// <param name="meter">The machine's limits.</param>
internal sealed class StepMeter(IReadOnlyList<IStepEngine> engines, ModelCost cost, LimitMeter meter)
{
    private const int MaxRounds = 200;
    private const int WarmSteps = 2;

    /// <summary>Enough for narrow intervals of short steps; long ones get their least number of rounds.</summary>
    private static readonly TimeSpan TurnBudget = TimeSpan.FromSeconds(6);

    /// <summary>A step that the other engine's has driven out of the caches pays once; before a short step a warm one pays for it.</summary>
    private static readonly TimeSpan WorthWarming = TimeSpan.FromSeconds(0.3);

    /// <summary>Longer than the pools' threads spin: the last engine's must not take the next one's processors.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    /// <summary>Measures.</summary>
    /// <returns>Step times in milliseconds, one list for each engine, turn by turn.</returns>
    public CaseTimes Measure(StepCase step, CancellationToken cancellationToken)
    {
        foreach (IStepEngine engine in engines)
        {
            engine.Prepare(step);
            for (int i = 0; i < WarmSteps; i++) engine.Run();
        }
        MachineLimits before = meter.Measure();
        List<double>[] times = [.. engines.Select(_ => new List<double>())];
        TimeSpan[] last = new TimeSpan[engines.Count];
        var whole = Stopwatch.StartNew();
        for (int round = 0; round < MaxRounds && (round < Estimate.MinSamples || whole.Elapsed < TurnBudget * engines.Count); round++)
            for (int i = 0; i < engines.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (engines.Count > 1) Thread.Sleep(Pause);
                if (last[i] < WorthWarming) engines[i].Run();
                long start = Stopwatch.GetTimestamp();
                engines[i].Run();
                last[i] = Stopwatch.GetElapsedTime(start);
                times[i].Add(last[i].TotalMilliseconds);
            }
        return new CaseTimes(step, times, MachineLimits.Faster(before, meter.Measure()));
    }

    /// <summary>What the times say.</summary>
    public IEnumerable<StepResult> Results(CaseTimes measured) => engines.Select((engine, i) =>
    {
        Estimate time = Estimate.Of(measured.Times[i]);
        StepCase step = measured.Step;
        return new StepResult
        {
            Case = step.Name,
            Kernels = engine.Name,
            TokensPerSecond = step.Tokens / time.Median * 1e3,
            Ci95 = [step.Tokens / time.High * 1e3, step.Tokens / time.Low * 1e3],
            StepMs = time.Median,
            LimitShare = LeastMs(step, engine, measured.Limits) / time.Median,
        };
    });

    /// <summary>How much faster the first engine is than the second; null unless just two ran.</summary>
    public StepRatio? Ratio(CaseTimes measured)
    {
        if (engines.Count != 2) return null;
        Estimate ratio = Estimate.Of(measured.Times[0].Zip(measured.Times[1], (first, second) => second / first));
        return new StepRatio(measured.Step.Name, $"{engines[0].Name}/{engines[1].Name}", ratio.Median, [ratio.Low, ratio.High]);
    }

    private double? LeastMs(StepCase step, IStepEngine engine, MachineLimits limits)
    {
        if (!step.IsReadingBound) return cost.MultiplyAdds(step.Tokens, step.Sequences) / limits.HotKernelMultiplyAdds * 1e3;
        long cache = step.Sequences * (long)(step.PastTokens + step.NewTokens) * engine.CacheBytesPerToken;
        return (cost.WeightBytes + cache) / limits.ReadBytesPerSecond * 1e3;
    }
}

/// <summary>The times of one case.</summary>
/// <param name="Step">The case.</param>
/// <param name="Times">Milliseconds, one list for each engine.</param>
/// <param name="Limits">The machine's, before or after.</param>
internal sealed record CaseTimes(StepCase Step, IReadOnlyList<double>[] Times, MachineLimits Limits);
