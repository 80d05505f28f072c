using LocalInference.Core.Completions;
using LocalInference.Core.Execution;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Diagnostics;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Fusion;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using Microsoft.Extensions.Logging;

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
    /// <param name="folder">
    /// As onnxruntime-genai's model builder writes it (<c>genai_config.json</c>), or an exported repository of the Hugging Face Hub
    /// (<c>config.json</c>).
    /// </param>
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
        bool packs = device.Provider is null && options.Kernels == MatrixKernels.Own;
        ServedGraph graph = ServedGraph.Build(
            found, device.Provider?.Profile, packs ? (unpacked, data) => PackedGraph.Apply(unpacked, data, options.Fusions) : null);
        var model = new OnnxModel(found, graph, device, logger);
        model.LogFindings();
        return model;
    }

    /// <summary>
    /// Loads the weights, takes the cache's memory and makes a runner, whose owner the caller is. Each runner has weights and cache of its
    /// own: several of one model take several times the memory.
    /// </summary>
    /// <param name="options">How large.</param>
    /// <exception cref="ArgumentException">
    /// Values outside their ranges (lists all of them), or a cache that holds less than one full context.
    /// </exception>
    /// <exception cref="ModelFolderException">A file is damaged, or ONNX Runtime cannot load the graph.</exception>
    /// <exception cref="InvalidOperationException">The system or the device does not give the cache's memory.</exception>
    public IModelRunner CreateRunner(RunnerOptions options) => new RunnerFactory(_graph, _folder, Device, _logger).Make(options);

    /// <summary>
    /// Whether another model of the same folder runs the same graph: then a fusion that one of them left out has no place in it.
    /// </summary>
    internal bool HasGraphOf(OnnxModel other) => _graph.Model.AsSpan().SequenceEqual(other._graph.Model);

    private void LogFindings()
    {
        ModelConfig config = _folder.Config;
        _logger.ModelLoaded(
            Served.Id, config.Type, LayerCount, HeadCount, KvHeadCount, HeadSize, Served.VocabularySize, Served.ContextTokens,
            Device.ToString());
        if (config.UnknownKeys.Count > 0)
            _logger.UnknownKeys(_folder.ConfigPath, string.Join(", ", config.UnknownKeys));
        if (config.UnappliedDefaults.Count > 0)
            _logger.UnappliedDefaults(_folder.ConfigPath, string.Join(", ", config.UnappliedDefaults));
        if (_graph.RelevelledProducts > 0)
            _logger.Relevelled(_graph.RelevelledProducts, _folder.GraphPath, _graph.Profile.AccuracyLevel!.Value);
        if (_graph.RetypedWeights is { Count: > 0 } retyped)
            _logger.Retyped(
                retyped.Count, _folder.GraphPath, OnnxTypes.NameOf(_graph.Profile.ElementType), retyped.Sum(w => w.SourceBytes),
                retyped.Sum(w => w.Bytes));
    }
}
