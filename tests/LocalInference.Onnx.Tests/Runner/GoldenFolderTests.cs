using LocalInference.Core.Execution;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests.Runner;

/// <summary>
/// Every folder of the reference data against its golden results; tolerances as its README gives them. GPU folders' results have exact
/// activations: 8-bit ones move logits by up to 0.51 here (1.1 elsewhere), and no token that is ahead by 0.35.
/// </summary>
public class GoldenFolderTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("qwen2-fp32-cpu", 1e-3, 0)]
    [InlineData("qwen2-int4-cpu", 0.3, 0.25)]
    [InlineData("qwen2-int4-cpu-pruned", 0.3, 0.25)]
    [InlineData("qwen2-int8-cpu", 0.3, 0.25)]
    [InlineData("qwen2-untied-int4-cpu-kquant-mixed", 0.3, 0.25)]
    [InlineData("llama-int4-cpu", 0.3, 0.25)]
    [InlineData("llama-mha-int4-cpu-asym-b16", 0.3, 0.25)]
    [InlineData("qwen3-int4-cpu", 0.3, 0.25)]
    [InlineData("qwen2-fp32-cpu-genai-0.5.2", 1e-3, 0)]
    [InlineData("qwen2-int4-cpu-genai-0.5.2", 0.3, 0.35)]
    [InlineData("qwen2-fp16-cuda", 2e-2, 0.02)]
    [InlineData("qwen2-fp16-cuda-paged", 2e-2, 0.02)]
    [InlineData("qwen2-int4-cuda", 0.6, 0.35)]
    [InlineData("qwen2-int4-cuda-paged", 0.6, 0.35)]
    [InlineData("qwen2-int4-cuda-paged-pruned", 0.6, 0.35)]
    [InlineData("qwen3-int4-cuda-paged", 0.6, 0.35)]
    public void Folder_FourPrompts_EqualsItsGolden(string name, double logitsTolerance, double leastMargin)
    {
        var golden = new GoldenFolder(name);
        using IModelRunner runner = OnnxModel.Load(golden.Path, new OnnxModelOptions(), NullLogger.Instance).CreateRunner(
            new RunnerOptions { KvType = KvType.Float32 });
        double worst = 0;
        int compared = 0;
        for (int i = 0; i < golden.PromptCount; i++)
        {
            worst = Math.Max(worst, CompareLogits(runner, golden.Prompt(i), golden.LogitsTail(i), logitsTolerance));
            compared += CompareTokens(runner, golden, i, leastMargin);
        }
        output.WriteLine(
            $"{name}: logits within {worst:g3}, {compared} tokens compared, batch invariant: {runner.Capabilities.IsBatchInvariant}");
        Assert.True(compared > 4, $"only {compared} tokens were compared");
    }

    /// <summary>
    /// With the cache that the server takes by itself; margins beyond what other kernels may change, as the reference data's README gives
    /// them.
    /// </summary>
    [Theory]
    [InlineData("qwen2-fp32-cpu", 0.01)]
    [InlineData("qwen2-int4-cpu", 0.25)]
    [InlineData("qwen2-int4-cpu-pruned", 0.25)]
    [InlineData("qwen2-int8-cpu", 0.25)]
    [InlineData("qwen2-untied-int4-cpu-kquant-mixed", 0.25)]
    [InlineData("llama-int4-cpu", 0.25)]
    [InlineData("llama-mha-int4-cpu-asym-b16", 0.25)]
    [InlineData("qwen3-int4-cpu", 0.25)]
    [InlineData("qwen2-fp32-cpu-genai-0.5.2", 0.01)]
    [InlineData("qwen2-int4-cpu-genai-0.5.2", 0.35)]
    [InlineData("qwen2-int4-cuda", 0.35)]
    [InlineData("qwen2-int4-cuda-paged", 0.35)]
    [InlineData("qwen2-int4-cuda-paged-pruned", 0.35)]
    [InlineData("qwen3-int4-cuda-paged", 0.35)]
    public void Folder_DefaultCache_ChoosesOnnxRuntimesTokens(string name, double leastMargin)
    {
        var golden = new GoldenFolder(name);
        using IModelRunner runner = OnnxModel.Load(golden.Path, new OnnxModelOptions(), NullLogger.Instance).CreateRunner(
            new RunnerOptions());
        Assert.True(Enumerable.Range(0, golden.PromptCount).Sum(i => CompareTokens(runner, golden, i, leastMargin)) > 4);
    }

    private static double CompareLogits(IModelRunner runner, int[] prompt, float[] expected, double tolerance)
    {
        int vocabulary = runner.Capabilities.VocabularySize, rows = expected.Length / vocabulary;
        StepBatch batch = Whole(runner, prompt);
        for (int row = 0; row < rows; row++)
            batch.Want(new OutputRow(prompt.Length - rows + row, RowWant.Logits));
        runner.Submit(batch);
        IStepResult result = runner.Complete();
        double worst = 0;
        for (int row = 0; row < rows; row++)
            for (int token = 0; token < vocabulary; token++)
                worst = Math.Max(worst, Math.Abs(expected[(row * vocabulary) + token] - result.Logits(row)[token]));
        Assert.True(worst <= tolerance, $"logits differ by {worst}");
        return worst;
    }

    /// <summary>Follows the golden tokens, so that one close call does not end the comparison.</summary>
    private static int CompareTokens(IModelRunner runner, GoldenFolder golden, int index, double leastMargin)
    {
        int[] prompt = golden.Prompt(index), tokens = golden.GreedyTokens(index);
        double[] margins = golden.Margins(index);
        StepBatch batch = Whole(runner, [.. prompt, .. tokens[..^1]]);
        for (int i = 0; i < tokens.Length; i++)
            batch.Want(new OutputRow(prompt.Length - 1 + i, RowWant.Greedy));
        runner.Submit(batch);
        IStepResult result = runner.Complete();
        int[] sure = [.. Enumerable.Range(0, tokens.Length).Where(i => margins[i] > leastMargin)];
        foreach (int i in sure)
            Assert.True(
                tokens[i] == result.GreedyToken(i),
                $"prompt {index}, token {i}: {result.GreedyToken(i)}, expected {tokens[i]} (margin {margins[i]})");
        return sure.Length;
    }

    private static StepBatch Whole(IModelRunner runner, int[] tokens)
    {
        StepBatch batch = Batches.For(runner);
        batch.Add(tokens, 0, [.. Enumerable.Range(0, runner.Capabilities.Kv.BlocksFor(tokens.Length))]);
        return batch;
    }
}
