using System.Diagnostics.Metrics;
using System.Text;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Core.Execution;
using LocalInference.Core.Telemetry;
using LocalInference.Engine.Completions;
using LocalInference.Engine.Scheduling;
using LocalInference.Onnx.Runner;
using LocalInference.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Gpu.Tests.Testing;

/// <summary>The whole engine over a model on the device, without a server around it.</summary>
internal sealed class DeviceEngine : IAsyncDisposable, IMeterFactory
{
    private readonly InferenceEngine _engine;
    private readonly IModelRunner _runner;

    public DeviceEngine(string folder, int maxSequences)
    {
        OnnxModel model = WebGpu.Load(folder);
        ModelText text = ModelText.Load(model.Folder, model.Served, model.BeginTokenId, NullLogger.Instance);
        _runner = model.CreateRunner(new RunnerOptions { MaxSequences = maxSequences });
        _engine = new InferenceEngine(
            _runner, text, model.Served with { EndTokenIds = text.EndTokenIds }, new EngineOptions { MaxSequences = maxSequences },
            new EngineServices(new InferenceMetrics(this), NullLogger.Instance));
        _engine.Start();
    }

    /// <summary>Asks greedily.</summary>
    /// <returns>The answer with its special tokens; null where it did not end by itself.</returns>
    public async Task<string?> AskAsync(AskedQuestion question, int number, CancellationToken cancelled)
    {
        CompletionRequest request = new()
        {
            Id = $"question-{number}",
            Prompt = new Prompt.Tokens(question.Ids),
            Sampling = new SamplingOptions { Temperature = 0 },
            Stop = new StopConditions { MaxTokens = 600 },
            Output = OutputForm.Tokens,
        };
        Assert.True(_engine.TryAdmit(request, out AdmissionLease? lease, out InferenceFailure? refusal), refusal?.Message);
        StringBuilder text = new();
        FinishReason? reason = null;
        await foreach (CompletionChunk chunk in _engine.CompleteAsync(lease, cancelled))
            if (chunk is CompletionChunk.Tokens tokens)
                text.Append(tokens.Text);
            else if (chunk is CompletionChunk.Finished finished)
                reason = finished.Reason;
            else if (chunk is CompletionChunk.Failed failed)
                Assert.Fail(failed.Failure.Message);
        return reason == FinishReason.Stop ? text.ToString() : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _runner.Dispose();
    }

    Meter IMeterFactory.Create(MeterOptions options) => new(options);

    void IDisposable.Dispose()
    {
    }
}
