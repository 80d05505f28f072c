using LocalInference.Core.Execution;

namespace LocalInference.Onnx.Tests.Testing;

internal static class Batches
{
    /// <summary>The largest batch that a runner takes.</summary>
    public static StepBatch For(IModelRunner runner) => new(
        runner.Capabilities.MaxStepTokens, runner.Capabilities.MaxSequences, runner.Capabilities.Kv.BlocksFor(
            runner.Capabilities.ContextTokens));
}
