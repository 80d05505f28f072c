using System.Diagnostics.Metrics;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Core.Execution;
using LocalInference.Core.Telemetry;
using LocalInference.Engine.Scheduling;
using LocalInference.Onnx;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Allocation.Tests;

/// <summary>Steady-state decoding of a real model allocates nothing, on no thread.</summary>
public sealed class DecodeTests
{
    private const int Sequences = 8;
    private const int WarmUpSteps = 300;
    private const int Rounds = 40;

    /// <summary>
    /// A cache block's tokens: every round crosses each sequence's block border once, and is short enough to fall between the test runner's
    /// own timers.
    /// </summary>
    private const int Steps = 64;

    private sealed class NullSink : ITokenSink
    {
        public int Count { get; private set; }

        public void Write(GeneratedToken token) => Count++;

        public void Close(InferenceFailure? failure) { }
    }

    private sealed class PlainMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose() { }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.8)]
    public void Decode_EightSequencesOfTinyR1_AllocatesNothing(double temperature)
    {
        OnnxModel model = OnnxModel.Load(Repository.TinyR1, new OnnxModelOptions(), NullLogger.Instance);
        using IModelRunner runner = model.CreateRunner(new RunnerOptions { MaxSequences = Sequences });
        InferenceMetrics metrics = new(new PlainMeters());
        SchedulerServices services = new(new EngineState(TimeProvider.System), TimeProvider.System, NullLogger.Instance, metrics);
        Scheduler scheduler = new(runner, new EngineOptions { MaxSequences = Sequences }, model.Served.ContextTokens, services);
        NullSink sink = new();
        for (int i = 0; i < Sequences; i++)
        {
            SamplingParameters sampling = new(temperature, TopP: 0.95, TopK: 50, MinP: 0, Seed: i);
            // Long enough that no sequence ends while it is measured; every block border is crossed several times.
            scheduler.Submit(new Sequence($"{i}", [2035, 2033, 1189 + i], 3000, sampling, [], runner.Capabilities.Kv.BlockTokens, sink));
        }
        for (int i = 0; i < WarmUpSteps; i++) scheduler.Step();

        // The count is the whole process's, and the test runner has threads of its own: what decoding allocates shows in every round, what
        // they do does not.
        List<long> rounds = [];
        while (rounds.Count < Rounds && !rounds.Contains(0)) rounds.Add(BytesOf(scheduler, sink, Steps * Sequences));
        Assert.True(rounds.Contains(0), $"Rounds of {Steps} steps allocated {string.Join(", ", rounds)} bytes.");
    }

    private static long BytesOf(Scheduler scheduler, NullSink sink, int tokens)
    {
        int tokensBefore = sink.Count;
        long bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Steps; i++) scheduler.Step();
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - bytesBefore;
        Assert.Equal(tokens, sink.Count - tokensBefore);
        return bytes;
    }
}
