using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Completions;

public sealed class EngineLifeTests
{
    [Fact]
    public async Task StopAsync_RequestsInTime_AreFinishedAndNothingNewIsTaken()
    {
        await using EngineRig rig = new EngineRig().Started();
        rig.HoldSteps();
        Task<List<CompletionChunk>> answer = rig.Complete(EngineRig.Request("hello", 5));
        Task stop = rig.Engine.StopAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(InferenceError.Draining, rig.Refuse(EngineRig.Request()).Error);
        rig.ReleaseSteps();
        await stop;
        Assert.IsType<CompletionChunk.Finished>((await answer)[^1]);
        Assert.False(rig.Runner.IsDisposed);
    }

    [Fact]
    public async Task StopAsync_TimeoutPassed_FailsTheRestWithDraining()
    {
        await using EngineRig rig = new EngineRig(new EngineOptions { MaxSequences = 1 }).Started();
        rig.HoldSteps();
        Task<List<CompletionChunk>> running = rig.Complete(EngineRig.Request("hello", 200));
        Task<List<CompletionChunk>> waiting = rig.Complete(EngineRig.Request("queued", 5));
        rig.AllowSteps(3);
        await rig.Until(() => rig.Runner.StepCount == 3);
        Task stop = rig.Engine.StopAsync(TimeSpan.FromSeconds(30));
        rig.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(stop.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.AllowSteps(1);
        await stop;
        Assert.Equal(InferenceError.Draining, Assert.IsType<CompletionChunk.Failed>((await running)[^1]).Failure.Error);
        Assert.Equal(InferenceError.Draining, Assert.IsType<CompletionChunk.Failed>(Assert.Single(await waiting)).Failure.Error);
        Assert.Equal(0, rig.Load.TakenPlaces);
    }

    [Fact]
    public async Task CompleteAsync_AfterTheEngineHasStopped_FailsAndGivesThePlaceBack()
    {
        await using EngineRig rig = new EngineRig().Started();
        AdmissionLease lease = rig.Admit(EngineRig.Request());
        await rig.Engine.StopAsync(TimeSpan.Zero);
        List<CompletionChunk> chunks = [];
        await foreach (CompletionChunk chunk in rig.Engine.CompleteAsync(lease, TestContext.Current.CancellationToken)) chunks.Add(chunk);
        Assert.Equal(InferenceError.Draining, Assert.IsType<CompletionChunk.Failed>(Assert.Single(chunks)).Failure.Error);
        Assert.Equal(0, rig.Load.TakenPlaces);
    }

    [Fact]
    public async Task StopAsync_NeverStartedOrStoppedTwice_IsFine()
    {
        await using EngineRig rig = new();
        await rig.Engine.StopAsync(TimeSpan.FromSeconds(5));
        await rig.Engine.StopAsync(TimeSpan.Zero);
        Assert.Throws<InvalidOperationException>(rig.Engine.Start);
    }

    [Fact]
    public async Task WarmUp_SweepsPrefillAndBatchSizesWithoutCountingAsTraffic()
    {
        await using EngineRig rig = new(new EngineOptions { MaxSequences = 20, StepTokens = 100 });
        HashSet<int> prefills = [], batches = [];
        rig.OnStep = batch =>
        {
            if (batch.TokenCount > batch.SequenceCount) prefills.Add(batch.TokenCount);
            else batches.Add(batch.SequenceCount);
        };
        rig.Engine.WarmUp(TestContext.Current.CancellationToken);
        Assert.Equal([2, 4, 8, 16, 32, 64, 100], prefills.Order());
        Assert.Equal([.. Enumerable.Range(1, 16), 20], batches.Order());
        Assert.Empty(rig.Metrics);
        rig.OnStep = null;
        rig.Started();
        Assert.Throws<InvalidOperationException>(() => rig.Engine.WarmUp(TestContext.Current.CancellationToken));
        Assert.IsType<CompletionChunk.Finished>((await rig.Complete(EngineRig.Request()))[^1]);
    }

    [Fact]
    public async Task WarmUp_ModelFails_Throws()
    {
        await using EngineRig rig = new();
        rig.OnStep = _ => throw new InvalidDataException("scripted fault");
        Assert.Throws<InvalidOperationException>(() => rig.Engine.WarmUp(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WarmUp_TinyContext_StillFits()
    {
        await using EngineRig rig = new(
            new EngineOptions { MaxSequences = 2, StepTokens = 8 }, new ScriptedModelRunner(contextTokens: 4, blockTokens: 2, blockCount: 2, maxSequences: 2));
        rig.Engine.WarmUp(TestContext.Current.CancellationToken);
        Assert.True(rig.Runner.StepCount > 0);
    }

    [Fact]
    public async Task Metrics_OfOneRequest_AreRecordedAtTheirPoints()
    {
        await using EngineRig rig = new EngineRig(new EngineOptions { StepTokens = 4 }).Started();
        await rig.Complete(EngineRig.Request("0123456789", 3));
        await rig.Until(() => rig.Metrics.GetValueOrDefault("generation_tokens") == 3);
        Assert.Equal((10, 1, 1), (rig.Metrics["prompt_tokens"], rig.Metrics["request_queue_time_seconds"], rig.Metrics["time_to_first_token_seconds"]));
        Assert.Equal((2, 1), (rig.Metrics["inter_token_latency_seconds"], rig.Metrics["e2e_request_latency_seconds"]));
        Assert.Equal((5, 12), (rig.Metrics["step_duration_seconds"], rig.Runner.StepCount + 7));
        Assert.Equal(1, rig.Metrics["request_success served_by=local finished_reason=length"]);
    }

    [Fact]
    public async Task Gauges_WhileRequestsRunAndWait_CountThem()
    {
        await using EngineRig rig = new EngineRig(new EngineOptions { MaxSequences = 1 }).Started();
        rig.HoldSteps();
        Task<List<CompletionChunk>> running = rig.Complete(EngineRig.Request("hello", 5));
        Task<List<CompletionChunk>> waiting = rig.Complete(EngineRig.Request("queued", 5));
        rig.AllowSteps(1);
        await rig.Until(() => rig.Runner.StepCount == 1 && rig.Load is { Running: 1, Waiting: 1 });
        Assert.Equal((1, 1), (rig.Gauge("num_requests_running"), rig.Gauge("num_requests_waiting")));
        Assert.Equal((2, 2048), (rig.Gauge("kv_blocks_used"), rig.Gauge("kv_blocks")));
        rig.ReleaseSteps();
        await Task.WhenAll(running, waiting);
    }

    [Fact]
    public async Task IsAlive_StepThatHangs_TurnsFalseAndClosesTheDoor()
    {
        await using EngineRig rig = new EngineRig().Started();
        rig.HoldSteps();
        Task<List<CompletionChunk>> answer = rig.Complete(EngineRig.Request());
        await rig.Until(() => rig.Load.Waiting == 1);
        bool isHanging = false;
        for (int i = 0; !isHanging; i++)
        {
            Assert.True(i < 10_000, "The step that hangs was not noticed.");
            rig.Time.Advance(TimeSpan.FromSeconds(30));
            isHanging = !rig.Engine.IsAlive;
            await Task.Yield();
        }
        Assert.Equal(InferenceError.NotReady, rig.Refuse(EngineRig.Request()).Error);
        rig.ReleaseSteps();
        await answer;
        await rig.Until(() => rig.Engine.IsAlive);
    }
}
