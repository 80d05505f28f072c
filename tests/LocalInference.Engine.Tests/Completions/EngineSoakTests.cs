using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Sampling;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Completions;

/// <summary>
/// Many request threads against the engine thread: arrivals, cancellations, stop strings and faults in whatever order the machine makes of
/// them.
/// </summary>
public sealed class EngineSoakTests
{
    private const int Clients = 24;
    private const int RequestsEach = 25;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Engine_RandomClientsInParallel_NeverMixesAnswersNeverOversubscribesAndEndsEmpty(int seed)
    {
        EngineOptions options = new() { MaxSequences = 6, MaxQueuedRequests = 6, StepTokens = 9 };
        ScriptedModelRunner runner = new(contextTokens: 64, blockTokens: 4, blockCount: 24, maxSequences: 6);
        await using EngineRig rig = new EngineRig(options, runner).Started();
        int mostSequences = 0;
        rig.OnStep = batch => mostSequences = Math.Max(mostSequences, batch.SequenceCount);

        int[][] outcomes = await Task.WhenAll(Enumerable.Range(0, Clients).Select(c => Task.Run(() => RunClient(rig, seed, c))));

        await rig.Until(() => rig.Load is { TakenPlaces: 0, UsedBlocks: 0, Running: 0, Waiting: 0 });
        Assert.InRange(mostSequences, 2, 6);
        int completed = outcomes.Sum(o => o[0]), cancelled = outcomes.Sum(o => o[1]), refused = outcomes.Sum(o => o[2]);
        Assert.Equal(Clients * RequestsEach, completed + cancelled + refused);
        Assert.True(completed > 0 && refused > 0, $"Seed {seed}: {completed} completed, {cancelled} cancelled, {refused} refused.");
        Assert.Equal(cancelled, rig.Metrics.GetValueOrDefault("requests_aborted"));
    }

    private static async Task<int[]> RunClient(EngineRig rig, int seed, int client)
    {
        int[] outcomes = new int[3];
        for (int i = 0; i < RequestsEach; i++)
        {
            double chance = Philox.Uniform(seed, client * 1000 + i);
            CompletionRequest request = EngineRig.Request($"client {client} asks {i}", 1 + (int)(chance * 40));
            if (!rig.Engine.TryAdmit(request, out AdmissionLease? lease, out InferenceFailure? refusal))
            {
                Assert.Equal(InferenceError.QueueFull, refusal.Error);
                outcomes[2]++;
                await Task.Yield();
                continue;
            }
            outcomes[await Read(rig, lease, leavesAfter: i % 3 == 0 ? (int)(chance * 6) : int.MaxValue) ? 0 : 1]++;
        }
        return outcomes;
    }

    // Whatever was read must be the beginning of what the model says to this prompt alone.
    private static async Task<bool> Read(EngineRig rig, AdmissionLease lease, int leavesAfter)
    {
        string said = "";
        bool isComplete = false;
        int chunks = 0;
        await foreach (CompletionChunk chunk in rig.Engine.CompleteAsync(lease, TestContext.Current.CancellationToken))
        {
            if (chunk is CompletionChunk.Content content) said += content.Text;
            isComplete = chunk is CompletionChunk.Finished;
            if (isComplete || chunks++ >= leavesAfter) break;
        }
        string prompt = ((Prompt.Chat)lease.Request.Prompt).Messages[0].Content!;
        string expected = string.Concat(rig.Tokens(prompt, lease.MaxTokens).Select(t => $"{t} "));
        if (isComplete) Assert.Equal(expected, said);
        else Assert.StartsWith(said, expected);
        return isComplete;
    }
}
