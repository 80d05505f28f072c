using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Gpu.Tests.Runner;

public class AnswerTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("onnx-int4-cuda")]
    [InlineData("onnx-int4-webgpu-paged")]
    public void Smoke(string folder)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var runner = WebGpu.Runner(ReferenceData.PathOf("tiny-r1", folder));
        output.WriteLine($"runner in {clock.Elapsed}; invariant {runner.Capabilities.IsBatchInvariant}");
        clock.Restart();
        int[][] prompts = [.. Questions.All.Take(1).Select(q => q.Prompt)];
        List<int>[] answers = new GreedyLoop(runner).Run(prompts, parallel: 16, maxTokens: 3, Questions.EndToken);
        int equal = Questions.All.Zip(answers).Count(p => p.First.Answer.Take(100).SequenceEqual(p.Second));
        output.WriteLine($"{folder}: {equal} of {answers.Length} equal, {answers.Sum(a => a.Count)} tokens, {clock.Elapsed}, {runner.Traffic}");
        output.WriteLine($"count {LocalInference.Onnx.Interop.GraphAssignment.Of(runner.Session).Count}");
        foreach (var n in LocalInference.Onnx.Interop.GraphAssignment.Of(runner.Session).GroupBy(n => (n.Provider, n.Operator)))
            output.WriteLine($"{n.Key}: {n.Count()}");
    }
}
