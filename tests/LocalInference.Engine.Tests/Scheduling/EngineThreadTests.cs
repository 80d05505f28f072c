using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Engine.Tests.Scheduling;

public sealed class EngineThreadTests
{
    private readonly FaultyClock _clock = new();
    private readonly ScriptedModelRunner _runner = new();
    private readonly EngineState _state;
    private readonly EngineThread _thread;

    public EngineThreadTests()
    {
        _state = new EngineState(_clock);
        SchedulerServices services = new(_state, _clock, NullLogger.Instance, Metrics: null);
        _thread = new EngineThread(new Scheduler(_runner, new EngineOptions(), 256, services), places: 4, services);
    }

    [Fact]
    public async Task Run_NothingToDo_SleepsBetweenRequestsInsteadOfSpinning()
    {
        _thread.Start();
        for (int request = 0; request < 3; request++)
        {
            await Until(() => _thread.IsAsleep);
            RecordingSink sink = Post(maxTokens: 2);
            await Until(() => sink.CloseCount == 1);
        }
        await Until(() => _thread.IsAsleep);
        int steps = _runner.StepCount;
        Assert.Equal(6, steps);
        await _thread.StopAsync();
        Assert.Equal(steps, _runner.StepCount);
    }

    [Fact]
    public async Task Run_FaultOutsideAStep_FailsEverybodyTakesNothingAndLetsTheProcessLive()
    {
        RecordingSink first = Post(maxTokens: 100), second = Post(maxTokens: 100);
        _clock.IsBroken = true;
        _thread.Start();
        await Until(() => first.CloseCount + second.CloseCount == 2);
        Assert.Equal((InferenceError.EngineFailed, InferenceError.EngineFailed), (first.Failure!.Error, second.Failure!.Error));
        Assert.False(_state.IsAlive);
        Assert.False(_thread.TryPost(default));
        await _thread.StopAsync();
    }

    [Fact]
    public async Task TryPost_AfterStop_IsRefused()
    {
        _thread.Start();
        await _thread.StopAsync();
        Assert.False(_thread.TryPost(default));
        Assert.True(_state.IsAlive);
    }

    private RecordingSink Post(int maxTokens)
    {
        RecordingSink sink = new();
        sink.Sequence = new Sequence("r", [1, 2], maxTokens, SamplingParameters.Greedy, [], 4, sink);
        Assert.True(_thread.TryPost(new SchedulerCommand(sink.Sequence)));
        return sink;
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(1, TestContext.Current.CancellationToken);
    }

    private sealed class FaultyClock : TimeProvider
    {
        public volatile bool IsBroken;

        public override long GetTimestamp() => IsBroken ? throw new InvalidDataException("scripted fault") : base.GetTimestamp();
    }
}
