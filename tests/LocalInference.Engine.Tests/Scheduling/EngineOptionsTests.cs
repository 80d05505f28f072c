using LocalInference.Core.Completions;
using LocalInference.Engine.Completions;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Scheduling;

public sealed class EngineOptionsTests
{
    private static readonly ServedModel Model = new()
    {
        Id = "m", ContextTokens = 256, VocabularySize = 97, EndTokenIds = [], DefaultSampling = SamplingParameters.Greedy,
    };

    [Fact]
    public void Ctor_Defaults_AreTheDocumentedOnes()
    {
        EngineOptions options = new();
        Assert.Equal((32, 128, 512, null), (options.MaxSequences, options.MaxQueuedRequests, options.StepTokens, options.KvCacheBytes));
        Assert.Empty(EngineFit.Check(new ScriptedModelRunner().Capabilities, Model, options));
    }

    [Fact]
    public void Check_OutOfRange_ReportsEveryError()
    {
        EngineOptions options = new() { MaxSequences = 0, MaxQueuedRequests = -1, StepTokens = 0, KvCacheBytes = 0 };
        IReadOnlyList<string> errors = EngineFit.Check(new ScriptedModelRunner().Capabilities, Model, options);
        Assert.Equal(
            [
                "Engine:KvCacheBytes: found 0, allowed is 1 to 9223372036854775807.",
                "Engine:MaxQueuedRequests: found -1, allowed is 0 to 100000.",
                "Engine:MaxSequences: found 0, allowed is 1 to 1024.",
                "Engine:StepTokens: found 0, allowed is 1 to 65536.",
            ],
            errors.Order());
    }

    [Fact]
    public void Check_BoundsOfTheRanges_AreAllowed()
    {
        ScriptedModelRunner runner = new(contextTokens: 8, blockCount: 2, maxStepTokens: 65_536, maxSequences: 1024);
        ServedModel model = Model with { ContextTokens = 8 };
        Assert.Empty(EngineFit.Check(runner.Capabilities, model, new EngineOptions { MaxSequences = 1, MaxQueuedRequests = 0, StepTokens = 1, KvCacheBytes = 1 }));
        Assert.Empty(EngineFit.Check(runner.Capabilities, model, new EngineOptions { MaxSequences = 1024, MaxQueuedRequests = 100_000, StepTokens = 65_536 }));
    }

    [Fact]
    public void Check_RunnerTooSmall_SaysWhatDoesNotFit()
    {
        ScriptedModelRunner runner = new(
            vocabularySize: 50, contextTokens: 128, blockTokens: 4, blockCount: 63, maxStepTokens: 100, maxSequences: 4);
        IReadOnlyList<string> errors = EngineFit.Check(runner.Capabilities, Model, new EngineOptions());
        Assert.Equal(5, errors.Count);
        Assert.Contains("MaxSequences is 32, but the runner was made for 4.", errors);
        Assert.Contains(
            errors, e => e.Contains("63 blocks of 4 tokens, but one full context of 256 tokens takes 64", StringComparison.Ordinal));
    }
}
