using LocalInference.Core.Execution;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Gpu.Tests.Runner;

/// <summary>
/// Folders of the reference data on the device, whatever device they were exported for: every token whose margin is beyond what 16-bit
/// activations change (and what the 8-bit activations of the golden results of CPU folders had changed).
/// </summary>
public class GoldenFolderTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("qwen2-fp32-cpu", 0.05)]
    [InlineData("qwen2-fp16-cuda", 0.05)]
    [InlineData("qwen2-fp16-cuda-paged", 0.05)]
    [InlineData("qwen2-int4-cuda", 0.35)]
    [InlineData("qwen2-int4-cuda-paged", 0.35)]
    [InlineData("qwen2-int4-cuda-paged-pruned", 0.35)]
    [InlineData("qwen3-int4-cuda-paged", 0.35)]
    [InlineData("qwen2-int4-cpu", 0.6)]
    [InlineData("qwen2-int8-cpu", 0.6)]
    [InlineData("llama-int4-cpu", 0.6)]
    [InlineData("llama-mha-int4-cpu-asym-b16", 0.6)]
    [InlineData("qwen2-untied-int4-cpu-kquant-mixed", 0.6)]
    [InlineData("qwen3-int4-cpu", 0.6)]
    public void Folder_FourPrompts_ChoosesTheGoldenTokens(string name, double leastMargin)
    {
        var golden = new GoldenFolder(name);
        using DeviceModelRunner runner = WebGpu.Runner(golden.Path);
        int compared = 0;
        double widestMiss = 0;
        for (int i = 0; i < golden.PromptCount; i++)
        {
            int[] prompt = golden.Prompt(i), tokens = golden.GreedyTokens(i), found = Follow(runner, prompt, tokens);
            double[] margins = golden.Margins(i);
            for (int t = 0; t < tokens.Length; t++)
                if (found[t] != tokens[t])
                    widestMiss = Math.Max(widestMiss, margins[t]);
                else if (margins[t] > leastMargin)
                    compared++;
        }
        output.WriteLine($"{name}: {compared} tokens compared, the widest margin that was missed is {widestMiss:g3}");
        Assert.True(widestMiss <= leastMargin, $"a token that is {widestMiss} ahead was missed");
        Assert.True(compared > 4, $"only {compared} tokens were compared");
    }

    /// <summary>What follows the prompt and each of the golden tokens, all in one step.</summary>
    private static int[] Follow(IModelRunner runner, int[] prompt, int[] tokens)
    {
        int[] all = [.. prompt, .. tokens[..^1]];
        StepBatch batch = Batches.For(runner);
        batch.Add(all, 0, [.. Enumerable.Range(0, runner.Capabilities.Kv.BlocksFor(all.Length))]);
        for (int i = 0; i < tokens.Length; i++)
            batch.Want(new OutputRow(prompt.Length - 1 + i, RowWant.Greedy));
        IStepResult result = runner.Run(batch);
        return [.. Enumerable.Range(0, tokens.Length).Select(result.GreedyToken)];
    }
}
