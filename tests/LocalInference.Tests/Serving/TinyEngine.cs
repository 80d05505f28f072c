using System.Diagnostics.Metrics;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Core.Execution;
using LocalInference.Core.Telemetry;
using LocalInference.Engine.Completions;
using LocalInference.Engine.Scheduling;
using LocalInference.Onnx;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using LocalInference.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Tests.Serving;

/// <summary>tiny-r1 behind a real engine, without HTTP.</summary>
internal sealed class TinyEngine : IAsyncDisposable, IMeterFactory
{
    private readonly IModelRunner _runner;

    public TinyEngine(EngineOptions options)
    {
        OnnxModel model = OnnxModel.Load(Repository.TinyR1, new OnnxModelOptions(), NullLogger.Instance);
        ModelText text = ModelText.Load(model.Folder, model.Served, model.BeginTokenId, NullLogger.Instance);
        _runner = model.CreateRunner(new RunnerOptions
        {
            MaxStepTokens = options.StepTokens,
            MaxSequences = options.MaxSequences,
            KvCacheBytes = options.KvCacheBytes,
        });
        EngineServices services = new(new InferenceMetrics(this), NullLogger.Instance);
        Engine = new InferenceEngine(_runner, text, model.Served, options, services);
        Engine.Start();
    }

    public InferenceEngine Engine { get; }

    /// <summary>Bytes of exactly one full context: the smallest cache there can be, so that a few sequences already fight for it.</summary>
    public static long SmallestCacheBytes { get; } = SmallestCache();

    /// <summary>The ids of a whole answer; null when it was cancelled.</summary>
    /// <param name="cancelAfter">Tokens after which the client goes away.</param>
    public async Task<int[]?> AnswerAsync(CompletionRequest request, int cancelAfter = int.MaxValue)
    {
        using CancellationTokenSource client = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        if (!Engine.TryAdmit(request, out AdmissionLease? lease, out InferenceFailure? refusal))
            throw new InvalidOperationException(refusal.Message);
        List<int> ids = [];
        try
        {
            await foreach (CompletionChunk chunk in Engine.CompleteAsync(lease, client.Token))
            {
                if (chunk is CompletionChunk.Failed failed) throw new InvalidOperationException(failed.Failure.Message);
                if (chunk is CompletionChunk.Tokens tokens) ids.AddRange(tokens.Ids.Span);
                if (ids.Count >= cancelAfter) await client.CancelAsync();
            }
            return [.. ids];
        }
        catch (OperationCanceledException) when (ids.Count >= cancelAfter)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _runner.Dispose();
    }

    Meter IMeterFactory.Create(MeterOptions options) => new(options);

    void IDisposable.Dispose() { }

    private static long SmallestCache()
    {
        OnnxModel model = OnnxModel.Load(Repository.TinyR1, new OnnxModelOptions(), NullLogger.Instance);
        using IModelRunner runner = model.CreateRunner(new RunnerOptions { MaxSequences = 1, MaxStepTokens = 1 });
        return runner.Capabilities.Kv.BytesPerToken * model.Served.ContextTokens;
    }
}
