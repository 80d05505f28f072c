using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Core.Execution;

namespace LocalInference.Engine.Scheduling;

/// <summary>
/// A sweep through prefill sizes and batch sizes before traffic, on a scheduler of its own over the same runner: code is compiled, kernels
/// are made, pages are touched, and the drain rate is known before anybody asks for it.
/// </summary>
internal sealed class WarmUp(IModelRunner runner, EngineOptions options, int contextTokens, SchedulerServices services)
{
    // Kernels are made for each number of rows up to 16; beyond, rows are grouped.
    private const int EveryBatchUpTo = 16;
    private const int TokensEach = 3;

    private static readonly SamplingParameters Sampled = new(Temperature: 0.6, TopP: 0.95, TopK: 20, MinP: 0.01, Seed: 1);

    private readonly Scheduler _scheduler = new(runner, options, contextTokens, services with { Metrics = null });
    private int _steps;
    private long _tokens;

    /// <summary>Runs the sweep on the calling thread.</summary>
    /// <exception cref="InvalidOperationException">A step failed; the engine's log has the exception.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        long began = services.Time.GetTimestamp();
        int longest = Math.Min(options.StepTokens, contextTokens - TokensEach);
        for (int size = 2; size < longest; size *= 2) RunBatch(1, size, cancellationToken);
        if (longest >= 1) RunBatch(1, longest, cancellationToken);
        if (contextTokens > TokensEach)
            for (int batch = 1; batch <= options.MaxSequences; batch = NextBatch(batch)) RunBatch(batch, 1, cancellationToken);
        Log.WarmedUp(services.Logger, _steps, _tokens, services.Time.GetElapsedTime(began).TotalSeconds);
    }

    private int NextBatch(int batch) =>
        batch < EveryBatchUpTo ? batch + 1 : batch < options.MaxSequences ? Math.Min(batch * 2, options.MaxSequences) : batch + 1;

    private void RunBatch(int sequences, int promptTokens, CancellationToken cancellationToken)
    {
        NullSink sink = new();
        for (int i = 0; i < sequences; i++)
        {
            SamplingParameters sampling = i % 2 == 0 ? SamplingParameters.Greedy : Sampled;
            _scheduler.Submit(new Sequence(
                "warm-up", new int[promptTokens], TokensEach, sampling, [], runner.Capabilities.Kv.BlockTokens, sink));
        }
        for (; _scheduler.HasWork; _steps++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _scheduler.Step();
        }
        if (sink.Failure is { } failure)
            throw new InvalidOperationException(
                $"Warm-up with {sequences} sequences of {promptTokens} prompt tokens failed: {failure.Message}");
        _tokens += sequences * (promptTokens + TokensEach);
    }

    private sealed class NullSink : ITokenSink
    {
        public InferenceFailure? Failure { get; private set; }

        public void Write(GeneratedToken token) { }

        public void Close(InferenceFailure? failure) => Failure ??= failure;
    }
}
