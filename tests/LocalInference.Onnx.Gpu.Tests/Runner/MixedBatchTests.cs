using LocalInference.Core.Execution;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Gpu.Tests.Runner;

/// <summary>
/// ONNX Runtime's device kernels choose their arithmetic by the number of rows, so logits of 16 bits move a little with the company a row
/// has: tokens may only differ where the two best were close together.
/// </summary>
public class MixedBatchTests(ITestOutputHelper output)
{
    private static readonly int Tokens = Extent.IsWhole ? 32 : 8;

    /// <summary>Some fp16 steps at logits of 8 to 16, where a step is 1/64: what rounding in four layers may add up to.</summary>
    private const float CloseCall = 0.1f;

    [Theory]
    [InlineData("onnx-int4-cuda", 1)]
    [InlineData("onnx-int4-webgpu-paged", 2)]
    public void Greedy_PrefillChunksAndDecodeRowsTogether_SameTokensAsAlone(string folder, int seed)
    {
        using DeviceModelRunner runner = WebGpu.Runner(ReferenceData.PathOf("tiny-r1", folder));
        int[][] prompts = [.. Questions.All.Where((_, i) => i % 100 == seed).Select(q => q.Prompt), LongPrompt(80)];
        List<int>[] alone = new GreedyLoop(runner).Run(prompts, parallel: 1, Tokens, Questions.EndToken);
        var random = new Random(seed);
        List<int>[] mixed = new GreedyLoop(runner).Run(prompts, parallel: 4, Tokens, Questions.EndToken, () => random.Next(1, 40));
        int equal = 0, closeCalls = 0;
        for (int i = 0; i < prompts.Length; i++)
        {
            int same = alone[i].Zip(mixed[i]).TakeWhile(p => p.First == p.Second).Count();
            equal += same;
            if (same == alone[i].Count)
                continue;
            closeCalls++;
            float margin = Margin(runner, [.. prompts[i], .. alone[i].Take(same)]);
            Assert.True(
                margin < CloseCall,
                $"sequence {i}, token {same}: {mixed[i][same]} in company, {alone[i][same]} alone, which is ahead by {margin}");
        }
        output.WriteLine(
            $"{folder}: {equal} tokens equal, {closeCalls} of {prompts.Length} sequences parted at a close call (seed {seed})");
        Assert.True(closeCalls <= prompts.Length / 2);
    }

    [Fact]
    public void Logits_WholePromptAndInChunksBesideOthers_AreWithinFp16()
    {
        using DeviceModelRunner runner = WebGpu.Runner(Repository.TinyR1);
        int[] prompt = LongPrompt(100);
        StepBatch batch = Batches.For(runner);
        batch.Add(prompt, 0, [.. Enumerable.Range(0, 7)]);
        batch.Want(new OutputRow(99, RowWant.Logits));
        float[] whole = runner.Run(batch).Logits(0).ToArray();
        int[] mine = [20, 4, 11, 9, 30, 2, 17], chunks = [1, 47, 16, 36];
        float[] chunked = [];
        for (int i = 0, past = 0; i < chunks.Length; past += chunks[i++])
        {
            batch.Clear();
            batch.Add(LongPrompt(13), 0, [1]);
            int first = batch.Add(prompt.AsSpan(past, chunks[i]), past, mine);
            int row = batch.Want(new OutputRow(first + chunks[i] - 1, RowWant.Logits));
            chunked = runner.Run(batch).Logits(row).ToArray();
        }
        double worst = whole.Zip(chunked).Max(p => Math.Abs(p.First - p.Second));
        output.WriteLine($"logits of {whole.Min()} to {whole.Max()} differ by at most {worst}");
        Assert.InRange(worst, 0, CloseCall);
    }

    private static int[] LongPrompt(int tokens) => [.. Questions.All.SelectMany(q => q.Prompt).Take(tokens)];

    /// <summary>By how much the likeliest next token is ahead.</summary>
    private static float Margin(IModelRunner runner, int[] tokens)
    {
        StepBatch batch = Batches.For(runner);
        batch.Add(tokens, 0, [.. Enumerable.Range(0, runner.Capabilities.Kv.BlocksFor(tokens.Length))]);
        int row = batch.Want(new OutputRow(tokens.Length - 1, RowWant.TopK, 2));
        ReadOnlySpan<float> best = runner.Run(batch).TopKLogits(row);
        return best[0] - best[1];
    }
}
