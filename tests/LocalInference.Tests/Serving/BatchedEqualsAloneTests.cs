using System.Text.Json;
using LocalInference.Core.Completions;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Tests.Serving;

/// <summary>The promise of the whole: a request's tokens do not depend on what runs beside it. Bit for bit, on the real model.</summary>
public sealed class BatchedEqualsAloneTests
{
    private const int Count = 32;

    private static readonly int[][] Prompts =
        [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "questions.jsonl")).Take(Count)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("ids").Deserialize<int[]>()!)];

    private static readonly Lazy<Task<int[][]>> Alone = new(AnswerAloneAsync);

    /// <summary>Small steps chunk every prompt, large ones mix many; the smallest cache forces preemption.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(7, true)]
    [InlineData(40, true)]
    [InlineData(512, false)]
    public async Task Answers_MixedStaggeredAndCancelled_EqualEachAlone(int stepTokens, bool hasSmallestCache)
    {
        int[][] alone = await Alone.Value;
        Random random = new(stepTokens);
        await using TinyEngine tiny = new(new EngineOptions
        {
            StepTokens = stepTokens,
            MaxSequences = 24,
            KvCacheBytes = hasSmallestCache ? TinyEngine.SmallestCacheBytes : null,
        });
        int[] order = [.. Enumerable.Range(0, Count)];
        random.Shuffle(order);
        Task<int[]?>[] answers = new Task<int[]?>[Count];
        foreach (int i in order)
        {
            // A third of the clients go away, some before their first token, some in the middle.
            int cancelAfter = random.Next(3) == 0 ? random.Next(1, 40) : int.MaxValue;
            answers[i] = tiny.AnswerAsync(Request(i), cancelAfter);
            for (int pause = random.Next(200); pause > 0; pause--) await Task.Yield();
        }
        int compared = 0;
        for (int i = 0; i < Count; i++)
        {
            if (await answers[i] is not { } ids) continue;
            Assert.Equal(alone[i], ids);
            compared++;
        }
        Assert.True(compared >= Count / 3, $"Only {compared} answers were left to compare.");
        await tiny.Engine.StopAsync(TimeSpan.Zero);
        Assert.Equal(0, tiny.Engine.State.UsedBlocks);
    }

    private static async Task<int[][]> AnswerAloneAsync()
    {
        await using TinyEngine tiny = new(new EngineOptions { MaxSequences = 1 });
        int[][] alone = new int[Count][];
        for (int i = 0; i < Count; i++) alone[i] = (await tiny.AnswerAsync(Request(i)))!;
        return alone;
    }

    /// <summary>Greedy and seeded in turn, each of another length.</summary>
    private static CompletionRequest Request(int i) => new()
    {
        Id = $"request-{i}",
        Prompt = new Prompt.Tokens(Prompts[i]),
        Sampling = i % 2 == 0 ? new SamplingOptions { Temperature = 0 } : new SamplingOptions { Temperature = 0.9, TopP = 0.9, TopK = i % 4 == 1 ? 0 : 40, MinP = 0.02, Seed = 7 * i },
        Stop = new StopConditions { MaxTokens = 40 + 5 * i, IgnoreEndTokens = true },
        Output = OutputForm.Tokens,
    };
}
