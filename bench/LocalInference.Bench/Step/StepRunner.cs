using LocalInference.Bench.Machine;

namespace LocalInference.Bench.Step;

/// <summary>Measures a plan's cases one after the other, telling on standard error what is going on.</summary>
internal static class StepRunner
{
    /// <param name="meter">Measures a case.</param>
    /// <param name="plan">Names the cases.</param>
    /// <param name="machine">Goes into the result.</param>
    /// <param name="onResult">Called with each result as soon as it is there; null for nobody.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    public static StepRun Run(StepMeter meter, StepPlan plan, MachineFacts machine, Action<StepResult>? onResult, CancellationToken cancellationToken)
    {
        List<StepResult> results = [];
        List<StepRatio> ratios = [];
        Dictionary<string, MachineLimits> limits = [];
        foreach (StepCase step in plan.Cases)
        {
            Console.Error.WriteLine($"{step.Name} …");
            CaseTimes measured = meter.Measure(step, cancellationToken);
            limits[step.Name] = measured.Limits;
            Console.Error.WriteLine($"{step.Name}: {measured.Times[0].Count} turns; {StepReport.Describe(measured.Limits)}");
            foreach (StepResult result in meter.Results(measured))
            {
                results.Add(result);
                onResult?.Invoke(result);
            }
            if (meter.Ratio(measured) is not { } ratio) continue;
            ratios.Add(ratio);
            Console.Error.WriteLine(StepReport.Describe(ratio));
        }
        return new StepRun(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(plan.Folder))), plan.Threads, machine, limits, results, ratios);
    }
}
