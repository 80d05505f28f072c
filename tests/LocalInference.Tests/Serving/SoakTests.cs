using LocalInference.Core.Completions;
using LocalInference.Engine.Scheduling;

namespace LocalInference.Tests.Serving;

/// <summary>
/// Many streams, many of whose clients vanish. In a Debug build the cache's invariants are checked after every step.
/// LOCALINFERENCE_SOAK_SECONDS makes it longer than the few seconds of the suite.
/// </summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Streams = 32;

    [Fact]
    public async Task Streams_WhoseClientsVanish_LeaveNothingBehind()
    {
        TimeSpan duration = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("LOCALINFERENCE_SOAK_SECONDS") ?? "3"));
        await using TinyEngine tiny = new(new EngineOptions { MaxSequences = Streams, KvCacheBytes = 3 * TinyEngine.SmallestCacheBytes });
        await RunAsync(tiny, TimeSpan.FromSeconds(1), seed: 1);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        int answers = await RunAsync(tiny, duration, seed: 2);

        long after = GC.GetTotalMemory(forceFullCollection: true);
        await tiny.Engine.StopAsync(TimeSpan.FromSeconds(10));
        output.WriteLine($"{answers} answers, {before:N0} bytes before, {after:N0} after");
        Assert.Equal(
            (0, 0, 0, 0), (tiny.Engine.State.UsedBlocks, tiny.Engine.State.Running, tiny.Engine.State.Waiting, tiny.Engine.TakenPlaces));
        // Flat = what thousands of answers leave is less than what one of them needs for its tokens.
        Assert.True(after - before < 1_000_000, $"{after - before:N0} bytes more than before.");
    }

    private static async Task<int> RunAsync(TinyEngine tiny, TimeSpan duration, int seed)
    {
        using CancellationTokenSource end = new(duration);
        int answers = 0;
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(stream => Task.Run(async () =>
        {
            Random random = new(seed * 1000 + stream);
            while (!end.IsCancellationRequested)
            {
                await tiny.AnswerAsync(Request(random, stream), random.Next(2) == 0 ? random.Next(1, 60) : int.MaxValue);
                Interlocked.Increment(ref answers);
            }
        })));
        return answers;
    }

    private static CompletionRequest Request(Random random, int stream) => new()
    {
        Id = $"stream-{stream}",
        Prompt = new Prompt.Tokens(Enumerable.Range(0, random.Next(1, 700)).Select(_ => random.Next(2000)).ToArray()),
        Sampling = new SamplingOptions { Temperature = random.Next(2), Seed = stream },
        Stop = new StopConditions { MaxTokens = random.Next(1, 120), IgnoreEndTokens = true },
        Output = OutputForm.Tokens,
    };
}

/// <summary>Tests that measure the process: nothing runs beside them.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
