using LocalInference.Bench.Step;
using LocalInference.Onnx;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Bench.Tests.Step;

/// <summary>Both engines over tiny-r1: they must run the same step, or their times say nothing.</summary>
public sealed class StepEngineTests
{
    private static readonly OnnxModel Model = OnnxModel.Load(Repository.TinyR1, new OnnxModelOptions(), NullLogger.Instance);

    [Fact]
    public void Run_FromAnEmptyCache_BothChooseTheSameTokens()
    {
        StepPlan plan = Plan("prefill:70,prefill:40,decode:5@0");
        using OwnEngine own = new(Model, plan);
        using OnnxRuntimeEngine other = new(Model, plan);
        foreach (StepCase step in plan.Cases)
        {
            own.Prepare(step);
            own.Run();
            other.Prepare(step);
            other.Run();
            Assert.Equal(step.Sequences, own.Tokens.Count);
            Assert.Equal(own.Tokens, other.Tokens);
        }
    }

    [Fact]
    public void Run_OverAndOver_ChoosesTheSameTokensAgain()
    {
        StepPlan plan = Plan("decode:6@100,prefill:30@70,decode:3@40,decode:6@100");
        foreach (IStepEngine engine in (IStepEngine[])[new OwnEngine(Model, plan), new OnnxRuntimeEngine(Model, plan)])
            using (engine)
            {
                List<int[]> first = [];
                foreach (StepCase step in plan.Cases)
                {
                    engine.Prepare(step);
                    engine.Run();
                    int[] once = [.. engine.Tokens];
                    engine.Run();
                    Assert.Equal(once, engine.Tokens);
                    first.Add(once);
                }
                if (engine is OwnEngine) Assert.Equal(first[0], first[^1]);
            }
    }

    [Fact]
    public void RequireFitting_ACaseBeyondTheContext_IsRefusedByName() =>
        Assert.Equal(
            "decode:2@4096 takes sequences of 4097 tokens; tiny-r1 allows 4096.",
            Assert.Throws<BenchException>(() => Plan("decode:1,decode:2@4096").RequireFitting(Model)).Message);

    private static StepPlan Plan(string cases) =>
        new() { Folder = Repository.TinyR1, Cases = StepCases.Parse(cases).Values, Engines = StepOptions.Engines(StepOptions.Both), Threads = 2 };
}
