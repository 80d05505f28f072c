using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests.Runner;

/// <summary>A whole model on every path that this machine has.</summary>
public class KernelPathTests(ITestOutputHelper output)
{
    private static readonly int[] Prompt = [.. Questions.All.SelectMany(q => q.Prompt).Take(100)];

    [Theory]
    [InlineData("")]
    [InlineData("llama-mha-int4-cpu-asym-b16")]
    [InlineData("qwen2-untied-int4-cpu-kquant-mixed")]
    [InlineData("qwen2-int8-cpu")]
    public void Logits_EveryPath_SameBits(string folder)
    {
        string path = folder.Length == 0 ? Repository.TinyR1 : ReferenceData.PathOf("onnx", folder);
        OnnxModel model = OnnxModel.Load(path, new OnnxModelOptions(), NullLogger.Instance);
        float[] expected = Logits(model, KernelPath.Portable);
        foreach (KernelPath kernels in KernelPaths.Supported.Skip(1))
            Assert.Equal(expected, Logits(model, kernels));
        output.WriteLine($"{model.Served.Id}: {string.Join(", ", KernelPaths.Supported)}");
    }

    [Fact]
    public void Logits_OnnxRuntimesKernels_AreNear()
    {
        float[] own = Logits(TinyR1.Load(), KernelPaths.Best);
        OnnxModel other = OnnxModel.Load(
            Repository.TinyR1, new OnnxModelOptions { Kernels = MatrixKernels.OnnxRuntime }, NullLogger.Instance);
        float[] theirs = Logits(other, KernelPaths.Best);
        double worst = own.Zip(theirs).Max(p => Math.Abs(p.First - p.Second));
        output.WriteLine($"largest difference {worst:g3}");
        Assert.InRange(worst, 0, 0.3);
    }

    [Fact]
    public void Options_PathThatTheMachineLacks_IsRefused()
    {
        KernelPath? lacking = Enum.GetValues<KernelPath>().Except(KernelPaths.Supported).Cast<KernelPath?>().FirstOrDefault();
        Assert.SkipWhen(lacking is null, "this machine has every path");
        string message = Assert.Throws<ArgumentException>(() => TinyR1.Runner(new RunnerOptions { KernelPath = lacking })).Message;
        Assert.StartsWith($"RunnerOptions:KernelPath: found {lacking}, which this machine cannot run; allowed is Portable", message);
    }

    private static float[] Logits(OnnxModel model, KernelPath path)
    {
        using CpuModelRunner runner = (CpuModelRunner)model.CreateRunner(new RunnerOptions { KernelPath = path });
        if (runner.Products is { } products)
            Assert.Equal(path, products.Path);
        int[] tokens = [.. Prompt.Select(t => t % model.Served.VocabularySize)];
        OutputRow[] rows = [.. Enumerable.Range(0, 5).Select(i => new OutputRow(i * 20, RowWant.Logits))];
        IStepResult result = runner.Run(TinyR1.Step(runner, tokens, rows));
        return [.. Enumerable.Range(0, rows.Length).SelectMany(r => result.Logits(r).ToArray())];
    }
}
