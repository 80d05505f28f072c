using LocalInference.Core.Execution;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Runner;

public class GarbageCollectionTests
{
    /// <summary>Pool threads run C# while another thread makes the collector stop the world over and over.</summary>
    [Fact]
    public async Task Steps_WhileAnotherThreadAllocatesHard_GiveTheSameTokens()
    {
        using IModelRunner runner = TinyR1.Runner();
        int[][] prompts = [.. Questions.All.Take(8).Select(q => q.Prompt)];
        List<int>[] quiet = new GreedyLoop(runner).Run(prompts, parallel: 8, maxTokens: 100, Questions.EndToken);
        using var stop = new CancellationTokenSource();
        Task<long> allocating = Task.Run(
            () =>
            {
                long bytes = 0;
                for (object[] kept = new object[64]; !stop.IsCancellationRequested; bytes += 10_000)
                    kept[bytes / 10_000 % 64] = new byte[10_000];
                return bytes;
            },
            TestContext.Current.CancellationToken);
        List<int>[] disturbed = new GreedyLoop(runner).Run(prompts, parallel: 8, maxTokens: 100, Questions.EndToken);
        await stop.CancelAsync();
        Assert.True(await allocating > 0);
        Assert.Equal(quiet, disturbed);
    }

    [Fact]
    public async Task Runners_OnTwoThreads_GiveTheSameTokensAsAlone()
    {
        OnnxModel model = TinyR1.Load();
        int[][] prompts = [.. Questions.All.Skip(20).Take(6).Select(q => q.Prompt)];
        Task<List<int>[]>[] both =
            [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => Generate(model, prompts), TestContext.Current.CancellationToken))];
        List<int>[][] answers = await Task.WhenAll(both);
        Assert.Equal(Questions.All.Skip(20).Take(6).Select(q => q.Answer.ToList()), answers[0]);
        Assert.Equal(answers[0], answers[1]);
    }

    private static List<int>[] Generate(OnnxModel model, int[][] prompts)
    {
        using IModelRunner runner = model.CreateRunner(new Onnx.Runner.RunnerOptions());
        return new GreedyLoop(runner).Run(prompts, parallel: 6, maxTokens: 600, Questions.EndToken);
    }
}
