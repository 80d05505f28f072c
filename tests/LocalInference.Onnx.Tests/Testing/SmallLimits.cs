using LocalInference.Core.Execution;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>A runner's limits, so small that a test can write what a graph would give.</summary>
internal static class SmallLimits
{
    public static RunnerCapabilities Value { get; } = new()
    {
        VocabularySize = 5,
        HiddenSize = 3,
        ContextTokens = 64,
        MaxStepTokens = 8,
        MaxSequences = 2,
        Kv = new KvLayout(16, []),
        BlockCount = 4,
        IsBatchInvariant = true,
    };
}
