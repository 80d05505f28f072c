using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Engine.Scheduling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Scheduling;

/// <summary>Measures the whole process, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(QuietProcess), DisableParallelization = true)]
public sealed class QuietProcess;

[Collection(nameof(QuietProcess))]
public sealed class AllocationTests
{
#if DEBUG
    private const bool ChecksInvariants = true;
#else
    private const bool ChecksInvariants = false;
#endif

    private sealed class NullSink : ITokenSink
    {
        public void Write(GeneratedToken token) { }

        public void Close(InferenceFailure? failure) { }
    }

    [Fact]
    public void Step_SteadyDecodeOfGreedyAndSampledRows_AllocatesNothingInTheWholeProcess()
    {
        Assert.SkipWhen(ChecksInvariants, "A debug build checks the cache's invariants after each step, which allocates.");
        SchedulerRig rig = new(new ScriptedModelRunner(contextTokens: 1024, blockTokens: 16));
        SamplingParameters[] samplings = [SamplingParameters.Greedy, new(0.6, 0.95, 0, 0, 1), new(0.7, 0.8, 20, 0.02, 2), new(1, 1, 0, 0, 3)];
        for (int i = 0; i < 16; i++)
            rig.Scheduler.Submit(new Sequence($"r{i}", [i, i + 1], 1000, samplings[i % 4], [], 16, new NullSink()));
        for (int i = 0; i < 200; i++) rig.Scheduler.Step();

        // The runtime allocates by itself now and then (tiering, the test host): what the steps allocate, they allocate in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 10 && least > 0; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 60; i++) rig.Scheduler.Step();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.Equal(0, least);
        Assert.Equal(16, rig.State.Running);
    }
}
