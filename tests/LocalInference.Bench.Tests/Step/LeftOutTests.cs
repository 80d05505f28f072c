using LocalInference.Bench.Step;
using LocalInference.Onnx;
using LocalInference.Onnx.Graph.Fusion;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Bench.Tests.Step;

public sealed class LeftOutTests
{
    [Fact]
    public void TryParse_Names_MeanFusionsAndNameTheEngine()
    {
        Assert.True(LeftOut.TryParse("norm,gate-up", out LeftOut? found, out _));
        Assert.Equal(Fusions.Norm | Fusions.GateUp, found.Fusions);
        Assert.Equal([EngineChoice.Own, new EngineChoice("own-without-norm+gate-up") { Without = found }], found.Engines);
    }

    [Fact]
    public void Names_OfAllFusions_AreKnown()
    {
        Assert.True(LeftOut.TryParse(string.Join(',', LeftOut.Names), out LeftOut? all, out _));
        Assert.Equal(Fusions.All, all.Fusions);
    }

    [Theory]
    [InlineData("rope", "'rope' is no fusion; allowed are norm, residual, gate-up, bias, tied-embedding.")]
    [InlineData("norm,", "'' is no fusion; allowed are norm, residual, gate-up, bias, tied-embedding.")]
    [InlineData("norm,norm", "'norm' is named twice.")]
    public void TryParse_AnotherName_SaysWhatIsAllowed(string text, string expected)
    {
        Assert.False(LeftOut.TryParse(text, out _, out string? fault));
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData("norm")]
    [InlineData("residual")]
    [InlineData("gate-up")]
    [InlineData("bias")]
    [InlineData("tied-embedding")]
    [InlineData("norm,residual,gate-up,bias,tied-embedding")]
    public void Make_WithoutAFusion_BothEnginesChooseTheSameTokens(string names)
    {
        Assert.True(LeftOut.TryParse(names, out LeftOut? without, out _));
        StepPlan plan = Plan(Repository.TinyR1, without);
        OnnxModel model = OnnxModel.Load(plan.Folder, new OnnxModelOptions(), NullLogger.Instance);
        IStepEngine[] engines = StepEngines.Make(model, plan);
        try
        {
            Assert.Equal(without.Engines.Select(e => e.Name), engines.Select(e => e.Name));
            foreach (StepCase step in plan.Cases)
            {
                foreach (IStepEngine engine in engines)
                {
                    engine.Prepare(step);
                    engine.Run();
                }
                Assert.Equal(engines[0].Tokens, engines[1].Tokens);
            }
        }
        finally
        {
            Array.ForEach(engines, e => e.Dispose());
        }
    }

    [Fact]
    public void Make_AFusionThatTheModelHasNoPlaceFor_IsRefused()
    {
        string folder = ReferenceData.PathOf("onnx", "llama-int4-cpu");
        Assert.True(LeftOut.TryParse("bias", out LeftOut? without, out _));
        OnnxModel model = OnnxModel.Load(folder, new OnnxModelOptions(), NullLogger.Instance);
        Assert.Equal(
            $"--without bias changes nothing: the graph of {model.Served.Id} has no place for such a fusion.",
            Assert.Throws<BenchException>(() => StepEngines.Make(model, Plan(folder, without))).Message);
    }

    private static StepPlan Plan(string folder, LeftOut without) => new()
    {
        Folder = folder,
        Cases = StepCases.Parse("decode:3@40,prefill:50").Values,
        Engines = without.Engines,
        Threads = 2,
    };
}
