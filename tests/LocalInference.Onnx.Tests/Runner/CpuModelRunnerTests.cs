using LocalInference.Core.Execution;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Runner;

public class CpuModelRunnerTests
{
    private static readonly int[] Prompt = Questions.All[0].Prompt;

    [Fact]
    public void Rows_EveryWant_AgreeWithTheLogits()
    {
        using IModelRunner runner = TinyR1.Runner();
        int last = Prompt.Length - 1;
        IStepResult result = runner.Run(TinyR1.Step(
            runner, Prompt, new(last, RowWant.Hidden), new(last, RowWant.TopK, 40), new(last, RowWant.Greedy), new(last, RowWant.Logits),
            new(0, RowWant.Hidden), new(last, RowWant.TopK, 2048)));
        float[] logits = result.Logits(3).ToArray();
        int[] order = [.. Enumerable.Range(0, logits.Length).OrderByDescending(t => logits[t]).ThenBy(t => t)];
        Assert.Equal(2048, logits.Length);
        Assert.Equal(order[0], result.GreedyToken(2));
        Assert.Equal(order[..40], result.TopKTokens(1).ToArray());
        Assert.Equal(order.Select(t => logits[t]), result.TopKLogits(5).ToArray());
        Assert.Equal(256, result.Hidden(0).Length);
        Assert.NotEqual(result.Hidden(0).ToArray(), result.Hidden(4).ToArray());
    }

    [Fact]
    public void Rows_OnlyHiddenOrNone_Run()
    {
        using IModelRunner runner = TinyR1.Runner();
        float[] hidden = runner.Run(TinyR1.Step(runner, Prompt, new OutputRow(2, RowWant.Hidden))).Hidden(0).ToArray();
        runner.Run(TinyR1.Step(runner, Prompt));
        Assert.Equal(hidden, runner.Run(TinyR1.Step(runner, Prompt, new(2, RowWant.Hidden), new(2, RowWant.Greedy))).Hidden(0).ToArray());
    }

    [Fact]
    public void Rows_MoreThanSequences_BuffersGrow()
    {
        using IModelRunner runner = TinyR1.Runner(new RunnerOptions { MaxSequences = 2 });
        OutputRow[] rows = [.. Prompt.Select((_, i) => new OutputRow(i, RowWant.Logits))];
        IStepResult result = runner.Run(TinyR1.Step(runner, Prompt, rows));
        float[] last = result.Logits(rows.Length - 1).ToArray();
        Assert.Equal(last, runner.Run(TinyR1.Step(runner, Prompt, rows[^1])).Logits(0).ToArray());
    }

    [Fact]
    public void Result_AskedForWhatWasNotWanted_SaysSo()
    {
        using IModelRunner runner = TinyR1.Runner();
        IStepResult result = runner.Run(TinyR1.Step(runner, Prompt, new OutputRow(0, RowWant.Greedy)));
        Assert.Contains(
            "was asked for Greedy, not for Logits", Assert.Throws<InvalidOperationException>(() => result.Logits(0).Length).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => result.GreedyToken(1));
    }

    [Fact]
    public unsafe void Submit_KernelFails_SaysWhyAndRunnerGoesOn()
    {
        using CpuModelRunner runner = TinyR1.Runner();
        StepBatch batch = TinyR1.Step(runner, Prompt, new OutputRow(3, RowWant.Greedy));
        IStepResult result = runner.Run(batch);
        int expected = result.GreedyToken(0);
        AttentionMemory* memory = runner.Memory;
        int capacity = memory->TileCapacity;
        memory->TileCapacity = 1;
        Exception failure = Assert.ThrowsAny<Exception>(() => runner.Submit(batch));
        memory->TileCapacity = capacity;
        Assert.Throws<ArgumentOutOfRangeException>(() => result.GreedyToken(0));
        Assert.Contains($"A step of {Prompt.Length} tokens exceeds the 1 that attention was made for.", failure.Message);
        Assert.Contains("/model/layers.0/attn/GroupQueryAttention", failure.Message);
        Assert.Equal(expected, runner.Run(batch).GreedyToken(0));
    }

    [Theory]
    [InlineData(0, 0, "names block -1")]
    [InlineData(1, 0, "names block 1000000")]
    [InlineData(2, 0, "has the id 2048; the model knows 0 to 2047")]
    [InlineData(3, 0, "has 0 blocks; its 1 tokens take 1")]
    [InlineData(4, 4096, "4097 with the new ones; allowed: 0 or more, and at most 4096")]
    [InlineData(5, -1, "has -1 tokens in the cache")]
    public void Submit_BadBatch_SaysWhyAndRunnerGoesOn(int kind, int past, string expected)
    {
        using IModelRunner runner = TinyR1.Runner();
        StepBatch batch = Batches.For(runner);
        int[] blocks = kind switch { 0 => [-1], 1 => [1_000_000], 3 => [], _ => [.. Enumerable.Range(0, batch.MaxBlocks)] };
        batch.Add([kind == 2 ? 2048 : 1], past, blocks);
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => runner.Submit(batch)).Message);
        runner.Run(TinyR1.Step(runner, Prompt));
    }

    [Fact]
    public void Submit_TopKOutsideVocabulary_SaysWhatIsAllowed()
    {
        using IModelRunner runner = TinyR1.Runner();
        foreach (int count in (int[])[0, 2049])
            Assert.Contains("allowed: 1 to 2048", Assert.Throws<ArgumentException>(
                () => runner.Submit(TinyR1.Step(runner, Prompt, new OutputRow(0, RowWant.TopK, count)))).Message);
    }

    [Fact]
    public void SubmitAndComplete_OutOfTurn_AreRefused()
    {
        using IModelRunner runner = TinyR1.Runner();
        StepBatch batch = TinyR1.Step(runner, Prompt);
        Assert.Throws<InvalidOperationException>(() => runner.Complete());
        runner.Submit(batch);
        Assert.Throws<InvalidOperationException>(() => runner.Submit(batch));
        runner.Complete();
        runner.Submit(batch);
    }

    [Fact]
    public async Task Dispose_WhileStepsRun_WaitsAndRefusesTheNext()
    {
        for (int round = 0; round < 5; round++)
        {
            IModelRunner runner = TinyR1.Runner();
            StepBatch batch = TinyR1.Step(
                runner, [.. Questions.All.SelectMany(q => q.Prompt).Take(512)], new OutputRow(511, RowWant.Greedy));
            using var started = new ManualResetEventSlim();
            Task<int> stepping = Task.Run(
                () =>
                {
                    for (int steps = 0; ; steps++)
                    {
                        try
                        {
                            runner.Run(batch).GreedyToken(0);
                            started.Set();
                        }
                        catch (ObjectDisposedException)
                        {
                            return steps;
                        }
                    }
                },
                TestContext.Current.CancellationToken);
            started.Wait(TestContext.Current.CancellationToken);
            runner.Dispose();
            Assert.True(await stepping >= 1);
            runner.Dispose();
        }
    }

    [Fact]
    public void Runners_TwoOfOneModel_KeepTheirCachesApart()
    {
        OnnxModel model = TinyR1.Load();
        using IModelRunner first = model.CreateRunner(new RunnerOptions());
        using IModelRunner second = model.CreateRunner(new RunnerOptions { BlockTokens = 16, Threads = 1 });
        StepBatch one = TinyR1.Step(first, Prompt, new OutputRow(Prompt.Length - 1, RowWant.Logits));
        StepBatch other = TinyR1.Step(second, Prompt, new OutputRow(Prompt.Length - 1, RowWant.Greedy));
        second.Run(other);
        Assert.Equal(second.Run(other).GreedyToken(0), first.Run(one).Logits(0).ToArray().Index().MaxBy(p => p.Item).Index);
    }
}
