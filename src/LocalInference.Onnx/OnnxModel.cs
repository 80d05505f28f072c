using LocalInference.Core.Completions;
using LocalInference.Core.Execution;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Diagnostics;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Kernels.Matrix;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx;

/// <summary>A model folder that has been read, checked and rewritten, ready to make a runner. Immutable; holds no native memory.</summary>
public sealed class OnnxModel
{
    private readonly ModelFolder _folder;
    private readonly ServedGraph _graph;
    private readonly ILogger _logger;

    private OnnxModel(ModelFolder folder, ServedGraph graph, DeviceChoice device, ILogger logger)
    {
        _folder = folder;
        _graph = graph;
        Device = device;
        _logger = logger;
        Served = new ServedModel
        {
            Id = folder.Id,
            ContextTokens = folder.Config.ContextTokens,
            VocabularySize = graph.VocabularySize,
            EndTokenIds = folder.Config.EndTokenIds,
            DefaultSampling = folder.Config.DefaultSampling,
            Created = new DateTimeOffset(File.GetLastWriteTimeUtc(folder.GraphPath)),
        };
    }

    /// <summary>What clients may know of it.</summary>
    public ServedModel Served { get; }

    /// <summary>What it runs on.</summary>
    public DeviceChoice Device { get; }

    /// <summary>The folder: as it was named, or the snapshot in it where a repository of the Hugging Face cache was named.</summary>
    public string Folder => _folder.Path;

    /// <summary>The folder's decoder graph, links followed.</summary>
    public string GraphPath => _folder.GraphPath;

    /// <summary>The token that begins a prompt; null where the model has none.</summary>
    public int? BeginTokenId => _folder.Config.BeginTokenId;

    /// <summary>Transformer layers.</summary>
    public int LayerCount => _graph.LayerCount;

    /// <summary>Query heads of a layer.</summary>
    public int HeadCount => _graph.Shape.HeadCount;

    /// <summary>Key and value heads of a layer.</summary>
    public int KvHeadCount => _graph.Shape.KvHeadCount;

    /// <summary>Elements of a head.</summary>
    public int HeadSize => _graph.Shape.HeadSize;

    /// <summary>What a step costs by the model alone.</summary>
    public ModelCost Cost => _graph.Cost;

    /// <summary>Reads a model folder and rewrites its graph into the served form. Weights are not loaded yet.</summary>
    /// <param name="folder">As onnxruntime-genai's model builder writes it (<c>genai_config.json</c>), or an exported repository of the Hugging Face Hub (<c>config.json</c>).</param>
    /// <param name="options">How.</param>
    /// <param name="logger">Told what was found and changed.</param>
    /// <exception cref="ModelFolderException">The folder cannot be served; says why and what to do.</exception>
    /// <exception cref="ArgumentException">The device is not known or cannot be used.</exception>
    public static OnnxModel Load(string folder, OnnxModelOptions options, ILogger logger)
    {
        if (options.Library is { } library)
            OrtLibrary.Use(library);
        DeviceChoice device = DeviceChoice.For(options.Device, options.Gpu);
        ModelFolder found = ModelFolder.Read(folder, options.File);
        ServedGraphProfile profile = ServedGraphProfile.For(device.Name);
        ServedGraph graph = ServedGraph.Build(found, profile, profile == ServedGraphProfile.Cpu ? options.Kernels : MatrixKernels.OnnxRuntime, options.Fusions);
        var model = new OnnxModel(found, graph, device, logger);
        model.LogFindings();
        return model;
    }

    /// <summary>Loads the weights, takes the cache's memory and makes a runner, whose owner the caller is.</summary>
    /// <param name="options">How large.</param>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Values outside their ranges.</exception>
    /// <exception cref="ModelFolderException">ONNX Runtime cannot load the graph.</exception>
    /// <exception cref="ArgumentException">The cache asked for holds less than one full context.</exception>
    public IModelRunner CreateRunner(RunnerOptions options) => _graph.Profile.CachesAreInputs ? CreateDeviceRunner(options) : CreateCpuRunner(options);

    internal DeviceModelRunner CreateDeviceRunner(RunnerOptions options)
    {
        options.Validate();
        if (options.KvType is { } type)
            throw new ArgumentException($"{nameof(RunnerOptions.KvType)} is {type}, but the cache is fp16 on {Device.Name}. Leave it out.");
        DeviceModelRunner runner = Making(() => new DeviceModelRunner(_graph, Device, Served.ContextTokens, options));
        try
        {
            if (!LongQueryProbe.Run(runner))
                _logger.LongQueriesDivided(Device.Name, LongQueryProbe.SafeTokens);
            runner.SetBatchInvariant(BatchInvarianceProbe.Run(runner));
        }
        catch
        {
            runner.Dispose();
            throw;
        }
        AssignedNode[] elsewhere = [.. GraphAssignment.Of(runner.Session).Where(n => n.Provider == "CPUExecutionProvider")];
        if (elsewhere.Length > 0)
            _logger.NodesOnProcessor(elsewhere.Length, Device.Name, string.Join(", ", elsewhere.Select(n => n.Operator).Distinct()));
        RunnerCapabilities made = runner.Capabilities;
        _logger.DeviceRunnerMade(
            Served.Id, Device.Name, made.BlockCount, made.Kv.BlockTokens, made.BlockCount * made.Kv.BytesPerBlock, options.MaxStepTokens, made.IsBatchInvariant);
        return runner;
    }

    /// <summary>Whether another model of the same folder runs the same graph: then a fusion that one of them left out has no place in it.</summary>
    internal bool HasGraphOf(OnnxModel other) => _graph.Model.AsSpan().SequenceEqual(other._graph.Model);

    internal CpuModelRunner CreateCpuRunner(RunnerOptions options)
    {
        options.Validate();
        KvType type = options.KvType ?? (Cost.IsQuantised ? KvType.Int16 : KvType.Float32);
        KvLayout layout = KvPool.LayoutOf(_graph.Shape, _graph.LayerCount, options.BlockTokens, type);
        int blocks = KvSizing.BlockCount(layout, Served.ContextTokens, options, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        CpuModelRunner runner = Making(() => new CpuModelRunner(_graph, Served.ContextTokens, blocks, type, options));
        try
        {
            runner.SetBatchInvariant(BatchInvarianceProbe.Run(runner));
            CostReport.Write(runner, Served.Id, Cost, options.Threads ?? Environment.ProcessorCount, TimeProvider.System, _logger);
        }
        catch
        {
            runner.Dispose();
            throw;
        }
        _logger.RunnerMade(
            Served.Id, options.Threads ?? Environment.ProcessorCount, blocks, options.BlockTokens, blocks * layout.BytesPerBlock, type,
            options.MaxStepTokens, runner.Capabilities.IsBatchInvariant);
        if (runner.Products is { } products)
            LogKernels(products, options.KernelPath ?? KernelPaths.Best);
        return runner;
    }

    private T Making<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFolderException(
                _folder.GraphPath,
                $"ONNX Runtime cannot load the graph ({e.Message.TrimEnd('.')})",
                "Export the model again with onnxruntime-genai's model builder (-e cpu -p int4)",
                e);
        }
    }

    private void LogKernels(QuantizedProducts products, KernelPath wanted)
    {
        _logger.WeightsPacked(Served.Id, _graph.Weights.Count, products.WeightBytes, products.Path);
        if (products.Path != wanted)
            _logger.CodeRefused(wanted, products.Path);
    }

    private void LogFindings()
    {
        ModelConfig config = _folder.Config;
        _logger.ModelLoaded(Served.Id, config.Type, LayerCount, HeadCount, KvHeadCount, HeadSize, Served.VocabularySize, Served.ContextTokens, Device.ToString());
        if (config.UnknownKeys.Count > 0)
            _logger.UnknownKeys(_folder.ConfigPath, string.Join(", ", config.UnknownKeys));
        if (config.UnappliedDefaults.Count > 0)
            _logger.UnappliedDefaults(_folder.ConfigPath, string.Join(", ", config.UnappliedDefaults));
        if (_graph.RelevelledProducts > 0)
            _logger.Relevelled(_graph.RelevelledProducts, _folder.GraphPath, _graph.Profile.AccuracyLevel!.Value);
        if (_graph.RetypedWeights is { Count: > 0 } retyped)
            _logger.Retyped(retyped.Count, _folder.GraphPath, OnnxTypes.NameOf(_graph.Profile.ElementType), retyped.Sum(w => w.SourceBytes), retyped.Sum(w => w.Bytes));
    }
}
