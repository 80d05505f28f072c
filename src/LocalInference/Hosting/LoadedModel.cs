using LocalInference.Core.Completions;
using LocalInference.Core.Execution;
using LocalInference.Core.Telemetry;
using LocalInference.Engine.Completions;
using LocalInference.Onnx;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using LocalInference.Options;
using LocalInference.Text;
using Microsoft.Extensions.Logging;

namespace LocalInference.Hosting;

/// <summary>One model with everything that serves it: graph and weights, text, engine. Owns them all.</summary>
internal sealed class LoadedModel : IAsyncDisposable
{
    private readonly IModelRunner _runner;
    private readonly IModelText _text;

    private LoadedModel(IModelRunner runner, IModelText text, InferenceEngine engine, string device)
    {
        (_runner, _text, Engine) = (runner, text, engine);
        Facts = new Dictionary<string, object>
        {
            ["device"] = device,
            ["kernels"] = runner.Capabilities.Kernels,
            ["batch_invariant"] = runner.Capabilities.IsBatchInvariant,
            ["context_tokens"] = engine.Model.ContextTokens,
            ["kv_blocks"] = runner.Capabilities.BlockCount,
            ["kv_block_tokens"] = runner.Capabilities.Kv.BlockTokens,
            ["kv_cache_bytes"] = runner.Capabilities.BlockCount * runner.Capabilities.Kv.BytesPerBlock,
        };
    }

    /// <summary>Serves requests once <see cref="StartAsync"/> has returned.</summary>
    public InferenceEngine Engine { get; }

    /// <summary>What <c>/health</c> tells.</summary>
    public IReadOnlyDictionary<string, object> Facts { get; }

    /// <summary>Reads the folder, the text, the weights. Nothing runs yet.</summary>
    /// <exception cref="ModelLoadException">The folder or the settings are at fault.</exception>
    public static LoadedModel Load(LocalInferenceOptions options, InferenceMetrics metrics, TimeProvider time, ILogger logger)
    {
        IModelRunner? runner = null;
        try
        {
            OnnxModelOptions how = new()
            {
                Device = options.Device,
                File = options.File,
                Library = options.OnnxRuntime.Library,
                Gpu = options.OnnxRuntime.Gpu,
            };
            OnnxModel model = OnnxModel.Load(options.Model, how, logger);
            ModelText text = ModelText.Load(model.Folder, model.Served, model.BeginTokenId, logger);
            runner = model.CreateRunner(new RunnerOptions
            {
                MaxStepTokens = options.Engine.StepTokens,
                MaxSequences = options.Engine.MaxSequences,
                KvCacheBytes = options.Engine.KvCacheBytes,
                KernelPath = options.Kernels.Path,
                Threads = options.Kernels.Threads,
                KvType = options.Kernels.KvType,
            });
            ServedModel served = model.Served with { EndTokenIds = text.EndTokenIds };
            InferenceEngine engine = new(runner, text, served, options.Engine, new EngineServices(metrics, logger) { Time = time });
            Log.DefaultSampling(logger, model.Served.DefaultSampling.ToString());
            return new LoadedModel(runner, text, engine, model.Device.Name);
        }
        catch (Exception fault) when (fault is ModelFolderException or InvalidDataException or ArgumentException or IOException)
        {
            runner?.Dispose();
            throw new ModelLoadException(fault.Message, fault);
        }
    }

    /// <summary>Warms up, starts the engine thread and lets the model answer once.</summary>
    /// <exception cref="ModelLoadException">The self-test failed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Engine.WarmUp(cancellationToken);
        Engine.CountsRequests = false;
        Engine.Start();
        await new SelfTest(Engine, _text, _runner.Capabilities.IsBatchInvariant).RunAsync(cancellationToken);
        Engine.CountsRequests = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _runner.Dispose();
    }
}
