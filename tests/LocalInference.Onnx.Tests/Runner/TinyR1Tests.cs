using LocalInference.Core.Execution;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Runner;

public class TinyR1Tests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(KvType.Float32)]
    [InlineData(KvType.Bfloat16)]
    [InlineData(KvType.Int16)]
    [InlineData(KvType.Int8)]
    public void Greedy_AllQuestions16AtOnce_EqualsOnnxRuntimeGenAi(KvType type)
    {
        using IModelRunner runner = TinyR1.Runner(new RunnerOptions { KvType = type });
        List<int>[] answers = new GreedyLoop(runner).Run(
            [.. Questions.All.Select(q => q.Prompt)], parallel: 16, maxTokens: 600, Questions.EndToken);
        int equal = Questions.All.Zip(answers).Count(p => p.First.Answer.SequenceEqual(p.Second));
        output.WriteLine($"{type}: {equal} of {answers.Length} answers equal onnxruntime-genai's token for token");
        Assert.True(equal >= 290, $"{equal} of {answers.Length}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Greedy_MixedChunksInABatch_SameTokensAsAlone(int seed)
    {
        using IModelRunner runner = TinyR1.Runner();
        int[][] prompts = [.. Questions.All.Where((_, i) => i % 15 == seed).Select(q => q.Prompt), LongPrompt(700), LongPrompt(513)];
        List<int>[] alone = new GreedyLoop(runner).Run(prompts, parallel: 1, maxTokens: 60, Questions.EndToken);
        var random = new Random(seed);
        List<int>[] batched = new GreedyLoop(runner).Run(
            prompts, parallel: 7, maxTokens: 60, Questions.EndToken, () => random.Next(4) == 0 ? random.Next(1, 513) : random.Next(1, 20));
        Assert.Equal(alone, batched);
        Assert.True(runner.Capabilities.IsBatchInvariant);
    }

    [Fact]
    public void Logits_PromptInChunksBesideOthers_SameBitsAsAlone()
    {
        using IModelRunner runner = TinyR1.Runner();
        int[] prompt = LongPrompt(512);
        float[] alone = runner.Run(TinyR1.Step(runner, prompt, new OutputRow(511, RowWant.Logits))).Logits(0).ToArray();
        StepBatch batch = Batches.For(runner);
        var random = new Random(3);
        int[] mine = [20, 4, 11, 9, 30, 2, 17, 8], others = [1, 3];
        for (int past = 0; past < prompt.Length;)
        {
            int count = Math.Min(prompt.Length - past, random.Next(1, 200));
            batch.Clear();
            batch.Add([.. LongPrompt(random.Next(1, 100))], 0, others);
            int first = batch.Add(prompt.AsSpan(past, count), past, mine);
            past += count;
            int row = batch.Want(new OutputRow(first + count - 1, RowWant.Logits));
            IStepResult result = runner.Run(batch);
            if (past == prompt.Length)
                Assert.Equal(alone, result.Logits(row).ToArray());
        }
    }

    private static int[] LongPrompt(int tokens) => [.. Questions.All.SelectMany(q => q.Prompt).Take(tokens)];
}
