using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Scheduling;

/// <summary>
/// Random traffic: whatever runs beside a request, however its prompt is cut and however often it is preempted, its tokens are those of the
/// request alone.
/// </summary>
public sealed class SchedulerPropertyTests
{
    private const int Context = 64;
    private const int Vocabulary = 41;
    private const int EndToken = 3;

    private sealed record Arrival(int Step, int[] Prompt, int MaxTokens, SamplingParameters Sampling, int? AbortStep);

    private sealed record Traffic(Arrival[] Arrivals, int StepTokens, int MaxSequences, int BlockTokens, int SpareBlocks);

    private static readonly Gen<Arrival> AnyArrival =
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, Vocabulary - 1].Array[1, 40], Gen.Int[1, 24], Gen.Bool, Gen.Int[0, 200], (step, prompt, max, isGreedy, abort) =>
            new Arrival(
                step,
                prompt,
                max,
                isGreedy ? SamplingParameters.Greedy : new SamplingParameters(0.8, 0.9, 10, 0, Seed: prompt[0] * 977 + max),
                abort < 50 ? step + abort : null));

    private static readonly Gen<Traffic> AnyTraffic =
        Gen.Select(AnyArrival.Array[1, 24], Gen.OneOf(Gen.Int[1, 8], Gen.Int[1, 512]), Gen.Int[1, 8], Gen.Int[1, 9], Gen.Int[0, 20], (arrivals, tokens, sequences, block, spare) =>
            new Traffic(arrivals, tokens, sequences, block, spare));

    [Fact]
    public void Step_RandomTraffic_GivesEachRequestTheTokensItGetsAlone()
    {
        int preempted = 0;
        AnyTraffic.Sample(traffic => Interlocked.Add(ref preempted, Run(traffic)), iter: 500, print: Print);
        Assert.True(preempted > 100, $"Only {preempted} sequences were ever preempted: the pools were too large to prove anything.");
    }

    private static int Run(Traffic traffic)
    {
        int blocks = (Context + traffic.BlockTokens - 1) / traffic.BlockTokens + traffic.SpareBlocks;
        SchedulerRig rig = new(
            new ScriptedModelRunner(Vocabulary, Context, traffic.BlockTokens, blocks, maxSequences: traffic.MaxSequences), traffic.StepTokens, traffic.MaxSequences);
        HashSet<RecordingSink> preempted = [];
        RecordingSink?[] sinks = new RecordingSink?[traffic.Arrivals.Length];
        for (int step = 0; step <= 120 || rig.Scheduler.HasWork; step++)
        {
            for (int i = 0; i < sinks.Length; i++)
            {
                Arrival arrival = traffic.Arrivals[i];
                if (arrival.Step == step) sinks[i] = rig.Submit(arrival.Prompt, arrival.MaxTokens, arrival.Sampling, EndToken);
                if (arrival.AbortStep == step) rig.Scheduler.Abort(sinks[i]!.Sequence, AbortReason.ClientGone);
            }
            if (rig.Scheduler.HasWork) rig.Step();
            preempted.UnionWith(sinks.OfType<RecordingSink>().Where(s => s.Sequence is { HasBegun: true, State: SequenceState.Waiting }));
            Assert.True(step < 20_000, "Somebody starves.");
        }
        Assert.Equal(0, rig.State.UsedBlocks);
        for (int i = 0; i < sinks.Length; i++) CheckAnswer(rig.Runner, traffic.Arrivals[i], sinks[i]!);
        return preempted.Count;
    }

    private static void CheckAnswer(ScriptedModelRunner runner, Arrival arrival, RecordingSink sink)
    {
        Assert.Equal(1, sink.CloseCount);
        Assert.Null(sink.Failure);
        List<int> alone = SchedulerRig.Alone(runner, arrival.Prompt, arrival.MaxTokens, arrival.Sampling, [EndToken]);
        if (arrival.AbortStep is null) Assert.Equal(alone, sink.Tokens);
        else Assert.Equal(alone.Take(sink.Tokens.Count), sink.Tokens);
        if (arrival.Sampling.IsGreedy) CheckAgainstModel(arrival, alone);
    }

    private static void CheckAgainstModel(Arrival arrival, List<int> tokens)
    {
        List<int> history = [.. arrival.Prompt];
        foreach (int token in tokens)
        {
            Assert.Equal(ScriptedModelRunner.NextToken(history.ToArray(), Vocabulary), token);
            history.Add(token);
        }
        Assert.True(tokens.Count == arrival.MaxTokens || tokens[^1] == EndToken);
    }

    private static string Print(Traffic t) =>
        $"{t.StepTokens} step tokens, {t.MaxSequences} sequences, {t.SpareBlocks} spare blocks of {t.BlockTokens}; "
        + string.Join("; ", t.Arrivals.Select(a => $"at {a.Step}: [{string.Join(',', a.Prompt)}] + {a.MaxTokens} {a.Sampling} abort {a.AbortStep}"));
}
