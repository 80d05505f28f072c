using LocalInference.Core.Execution;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests.Testing;

internal static class TinyR1
{
    public static OnnxModel Load() => OnnxModel.Load(Repository.TinyR1, new OnnxModelOptions(), NullLogger.Instance);

    public static CpuModelRunner Runner(RunnerOptions? options = null) =>
        (CpuModelRunner)Load().CreateRunner(options ?? new RunnerOptions());

    /// <summary>One step of one sequence in the runner's first blocks.</summary>
    public static StepBatch Step(IModelRunner runner, int[] tokens, params OutputRow[] rows)
    {
        StepBatch batch = Batches.For(runner);
        batch.Add(tokens, 0, [.. Enumerable.Range(0, runner.Capabilities.Kv.BlocksFor(tokens.Length))]);
        foreach (OutputRow row in rows)
            batch.Want(row);
        return batch;
    }

    public static IStepResult Run(this IModelRunner runner, StepBatch batch)
    {
        runner.Submit(batch);
        return runner.Complete();
    }
}
