using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Scheduling;

public sealed class SchedulerTests
{
    [Fact]
    public void Step_LongPromptBesideAStream_StreamGetsATokenInEveryStep()
    {
        SchedulerRig rig = new(new ScriptedModelRunner(contextTokens: 256), stepTokens: 16);
        RecordingSink stream = rig.Submit([1, 2], maxTokens: 100);
        rig.Step();
        RecordingSink reader = rig.Submit(new int[150], maxTokens: 1);
        for (int step = 1; step <= 10; step++)
        {
            rig.Step();
            Assert.Equal(1 + step, stream.Tokens.Count);
        }
        Assert.Equal(TokenEnd.Limit, reader.End);
    }

    [Fact]
    public void Step_ManyStreamsInASmallBudget_ANewPromptIsStillRead()
    {
        SchedulerRig rig = new(new ScriptedModelRunner(), stepTokens: 8);
        for (int i = 0; i < 20; i++) rig.Submit([i], maxTokens: 200);
        for (int i = 0; i < 10; i++) rig.Step();
        RecordingSink late = rig.Submit(new int[20], maxTokens: 1);
        for (int i = 0; i < 10; i++) rig.Step();
        Assert.Equal(TokenEnd.Limit, late.End);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Abort_InQueuePrefillOrDecode_FreesTheBlocksAtOnceAndClosesTheSink(int steps)
    {
        SchedulerRig rig = new(new ScriptedModelRunner(), stepTokens: 10);
        RecordingSink sink = rig.Submit(new int[30], maxTokens: 50);
        for (int i = 0; i < steps; i++) rig.Step();
        Assert.Equal(steps == 5 ? 3 : 0, sink.Tokens.Count);
        rig.Scheduler.Abort(sink.Sequence, AbortReason.ClientGone);
        Assert.Equal((0, 1, false), (rig.State.UsedBlocks, sink.CloseCount, rig.Scheduler.HasWork));
        rig.Scheduler.Abort(sink.Sequence, AbortReason.ClientGone);
        Assert.Equal(1, sink.CloseCount);
    }

    [Fact]
    public void Step_BlocksRunOut_TheYoungestGivesItsBlocksBackAndResumesBeforeNewcomers()
    {
        // Two contexts of 8 tokens would need 8 blocks of 2; there are 6.
        SchedulerRig rig = new(new ScriptedModelRunner(contextTokens: 12, blockTokens: 2, blockCount: 6, maxSequences: 2), maxSequences: 2);
        RecordingSink old = rig.Submit([1, 2, 3], maxTokens: 8), young = rig.Submit([4, 5, 6], maxTokens: 8);
        RecordingSink newcomer = rig.Submit([7], maxTokens: 1);
        while (young.Sequence.State != SequenceState.Waiting || !young.Sequence.HasBegun) rig.Step();
        int kept = young.Tokens.Count;
        Assert.Equal(
            (0, SequenceState.Running, SequenceState.Waiting), (young.Sequence.CachedTokens, old.Sequence.State, newcomer.Sequence.State));
        while (old.CloseCount == 0) rig.Step();
        Assert.Equal((kept, 0), (young.Tokens.Count, newcomer.Tokens.Count));
        rig.RunToEnd();
        Assert.Equal(SchedulerRig.Alone(rig.Runner, [4, 5, 6], 8, young.Sequence.Sampling, []), young.Tokens);
        Assert.Equal(TokenEnd.Limit, newcomer.End);
    }

    [Fact]
    public void Step_PromptThatTheFreeBlocksDoNotHold_WaitsInsteadOfBeingPreemptedAndNobodyOvertakesIt()
    {
        SchedulerRig rig = new(
            new ScriptedModelRunner(contextTokens: 32, blockTokens: 4, blockCount: 8, maxSequences: 3), stepTokens: 8, maxSequences: 3);
        RecordingSink old = rig.Submit(new int[16], 8);
        rig.Step();
        RecordingSink large = rig.Submit(new int[16], 4), small = rig.Submit([1], 1);
        while (old.CloseCount == 0)
        {
            rig.Step();
            Assert.False(large.Sequence.HasBegun || small.Sequence.HasBegun);
        }
        rig.Step();
        Assert.True(large.Sequence.HasBegun);
        rig.RunToEnd();
    }

    [Fact]
    public void Step_RunnerThrows_FailsOnlyThoseInTheStepAndGetsTheBlocksBack()
    {
        SchedulerRig rig = new(new ScriptedModelRunner(maxSequences: 2), maxSequences: 2);
        RecordingSink[] running = [rig.Submit([1], 50), rig.Submit([2], 50)];
        RecordingSink waiting = rig.Submit([3], 5);
        rig.Step();
        rig.Runner.BeforeStep = _ => throw new InvalidDataException("scripted fault");
        rig.Step();
        Assert.All(running, s => Assert.Equal((1, InferenceError.EngineFailed), (s.CloseCount, s.Failure!.Error)));
        Assert.DoesNotContain("scripted", running[0].Failure!.Message);
        Assert.Equal((0, 0), (rig.State.UsedBlocks, waiting.CloseCount));
        rig.Runner.BeforeStep = null;
        rig.RunToEnd();
        Assert.Equal(SchedulerRig.Alone(rig.Runner, [3], 5, waiting.Sequence.Sampling, []), waiting.Tokens);
    }

    [Fact]
    public void Step_RunnerThrows_WhoRunsButWasNotInTheStepGoesOn()
    {
        SchedulerRig rig = new(new ScriptedModelRunner(), stepTokens: 1);
        RecordingSink first = rig.Submit([1], 5), second = rig.Submit([2], 5);
        rig.Step();
        rig.Step();
        Assert.Equal((1, 1, 2), (first.Tokens.Count, second.Tokens.Count, rig.State.Running));
        rig.Runner.BeforeStep = _ => throw new InvalidDataException("scripted fault");
        rig.Step();
        rig.Runner.BeforeStep = null;
        Assert.Equal(1, first.CloseCount + second.CloseCount);
        rig.RunToEnd();
        Assert.Equal([5, 1], new[] { first, second }.Select(s => s.Tokens.Count).OrderDescending());
    }

    [Fact]
    public void Step_LogitsOfOneRowAreBroken_FailsThatSequenceAlone()
    {
        SchedulerRig rig = new(new ScriptedModelRunner { BreaksAfterToken = 96 });
        SamplingParameters sampled = new(1, 1, 0, 0, Seed: 1);
        RecordingSink broken = rig.Submit([1, 96], 5, sampled), sound = rig.Submit([1, 2], 1, sampled), greedy = rig.Submit([1, 96], 1);
        rig.Step();
        Assert.Equal((InferenceError.EngineFailed, 0), (broken.Failure?.Error, broken.Tokens.Count));
        Assert.Equal((TokenEnd.Limit, TokenEnd.Limit), (sound.End, greedy.End));
        Assert.Equal(0, rig.State.UsedBlocks);
    }

    [Fact]
    public void Step_SinkThatThrowsWhenClosed_HarmsNobodyElse()
    {
        SchedulerRig rig = new(new ScriptedModelRunner());
        rig.Scheduler.Submit(new Sequence("r", [1], 1, SamplingParameters.Greedy, [], 4, new ThrowingSink()));
        RecordingSink other = rig.Submit([1, 2], 3);
        rig.RunToEnd();
        Assert.Equal(TokenEnd.Limit, other.End);
    }

    private sealed class ThrowingSink : ITokenSink
    {
        public void Write(GeneratedToken token) { }

        public void Close(InferenceFailure? failure) => throw new InvalidDataException("scripted fault");
    }

    [Fact]
    public void Step_EndTokenOfTheSequence_EndsItWithThatToken()
    {
        int end = ScriptedModelRunner.NextToken([5, 6], vocabularySize: 97);
        SchedulerRig rig = new(new ScriptedModelRunner());
        RecordingSink stopped = rig.Submit([5, 6], 20, null, end), free = rig.Submit([5, 6], 20);
        rig.RunToEnd();
        Assert.Equal((TokenEnd.EndToken, TokenEnd.Limit), (stopped.End, free.End));
        Assert.Equal([end], stopped.Tokens);
        Assert.Equal(20, free.Tokens.Count);
    }

    [Fact]
    public void FailAll_RunningAndWaiting_AreAllFailed()
    {
        SchedulerRig rig = new(new ScriptedModelRunner(maxSequences: 1), maxSequences: 1);
        RecordingSink[] sinks = [rig.Submit([1], 5), rig.Submit([2], 5)];
        rig.Step();
        InferenceFailure failure = new(InferenceError.Draining, "stopping");
        Assert.Equal(2, rig.Scheduler.FailAll(failure));
        Assert.All(sinks, s => Assert.Same(failure, s.Failure));
        Assert.False(rig.Scheduler.HasWork);
    }

    [Fact]
    public void State_AfterEachCommandAndStep_CountsWhoRunsAndWaits()
    {
        SchedulerRig rig = new(new ScriptedModelRunner(maxSequences: 1, blockTokens: 4), stepTokens: 8, maxSequences: 1);
        rig.Submit(new int[20], 2);
        rig.Submit(new int[5], 1);
        Assert.Equal((0, 2, 25L), (rig.State.Running, rig.State.Waiting, rig.State.PendingPrefillTokens));
        rig.Step();
        Assert.Equal((1, 1, 2, 17L), (rig.State.Running, rig.State.Waiting, rig.State.UsedBlocks, rig.State.PendingPrefillTokens));
    }

    [Fact]
    public void IsAlive_WhileAStepRunsOnAndOn_TurnsFalse()
    {
        SchedulerRig rig = new(new ScriptedModelRunner());
        List<bool> beats = [];
        rig.Runner.BeforeStep = _ =>
        {
            rig.Time.Advance(TimeSpan.FromSeconds(59));
            beats.Add(rig.State.IsAlive);
            rig.Time.Advance(TimeSpan.FromSeconds(2));
            beats.Add(rig.State.IsAlive);
        };
        rig.Submit([1], 1);
        rig.Step();
        rig.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([true, false, true], [.. beats, rig.State.IsAlive]);
    }
}
