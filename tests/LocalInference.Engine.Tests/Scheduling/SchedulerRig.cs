using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.KvCache;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LocalInference.Engine.Tests.Scheduling;

/// <summary>
/// A scheduler over a scripted runner, driven step by step by the test; the cache's invariants are checked after each step.
/// </summary>
internal sealed class SchedulerRig
{
    private long _nextId;

    public SchedulerRig(ScriptedModelRunner runner, int stepTokens = 512, int maxSequences = 32, int? contextTokens = null)
    {
        Runner = runner;
        State = new EngineState(Time);
        Scheduler = new Scheduler(
            runner,
            new EngineOptions { StepTokens = stepTokens, MaxSequences = maxSequences },
            contextTokens ?? runner.Capabilities.ContextTokens,
            new SchedulerServices(State, Time, NullLogger.Instance, Metrics: null));
    }

    public ScriptedModelRunner Runner { get; }

    public FakeTimeProvider Time { get; } = new();

    public EngineState State { get; }

    public Scheduler Scheduler { get; }

    public RecordingSink Submit(int[] prompt, int maxTokens, SamplingParameters? sampling = null, params int[] endTokenIds)
    {
        RecordingSink sink = new();
        sink.Sequence = new Sequence(
            $"r{_nextId++}", prompt, maxTokens, sampling ?? SamplingParameters.Greedy, endTokenIds, Runner.Capabilities.Kv.BlockTokens, sink);
        Scheduler.Submit(sink.Sequence);
        return sink;
    }

    public void Step()
    {
        Scheduler.Step();
        Assert.Empty(CacheInvariants.Check(Scheduler.Snapshot()));
    }

    /// <summary>Steps until everything has ended.</summary>
    /// <param name="maxSteps">More mean that somebody starves.</param>
    public void RunToEnd(int maxSteps = 100_000)
    {
        for (int i = 0; Scheduler.HasWork; i++)
        {
            Assert.True(i < maxSteps, $"Not everything had ended after {maxSteps} steps.");
            Step();
        }
        Assert.Equal(0, State.UsedBlocks);
    }

    /// <summary>The tokens of a request that has a scheduler to itself.</summary>
    public static List<int> Alone(ScriptedModelRunner like, int[] prompt, int maxTokens, SamplingParameters sampling, int[] endTokenIds)
    {
        SchedulerRig rig = new(
            new ScriptedModelRunner(like.Capabilities.VocabularySize, like.Capabilities.ContextTokens, blockTokens: 16, maxSequences: 1));
        RecordingSink sink = rig.Submit(prompt, maxTokens, sampling, endTokenIds);
        rig.RunToEnd();
        return sink.Tokens;
    }
}

/// <summary>Keeps what a sequence gave.</summary>
internal sealed class RecordingSink : ITokenSink
{
    public Sequence Sequence { get; set; } = null!;

    public List<int> Tokens { get; } = [];

    public TokenEnd End { get; private set; }

    public int CloseCount { get; private set; }

    public InferenceFailure? Failure { get; private set; }

    public void Write(GeneratedToken token)
    {
        Assert.Equal(TokenEnd.None, End);
        Assert.Equal(0, CloseCount);
        Tokens.Add(token.Id);
        End = token.End;
    }

    public void Close(InferenceFailure? failure)
    {
        CloseCount++;
        Failure = failure;
    }
}
