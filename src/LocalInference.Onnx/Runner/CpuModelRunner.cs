using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Kernels.Matrix;

namespace LocalInference.Onnx.Runner;

/// <summary>Runs a served graph on the CPU.</summary>
internal sealed unsafe class CpuModelRunner : StepRunner
{
    private readonly KvPool _pool;
    private readonly CpuSession _session;
    private readonly StepOutputs _outputs;
    private readonly StepBinding _binding;

    /// <summary>Takes the memory and makes the session.</summary>
    /// <param name="graph">The served graph.</param>
    /// <param name="contextTokens">The longest sequence.</param>
    /// <param name="options">Checked.</param>
    /// <exception cref="ArgumentException">The cache asked for holds less than one full context.</exception>
    public CpuModelRunner(ServedGraph graph, int contextTokens, RunnerOptions options)
    {
        KvType type = options.KvTypeFor(graph.Cost);
        KvLayout layout = KvPool.LayoutOf(graph.Shape, graph.LayerCount, options.BlockTokens, type);
        // What the weights take is not known here, so that three quarters are left for them and for everything else.
        int blocks = KvSizing.BlockCount(layout, contextTokens, options, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        KernelPath path = options.KernelPath ?? KernelPaths.Best;
        try
        {
            _pool = new KvPool(
                graph.Shape, graph.LayerCount, blocks, options.BlockTokens, options.MaxStepTokens, type, path, options.ThreadCount);
            if (graph.Weights.Count > 0)
                Products = new QuantizedProducts(graph.Weights, options.MayRoundScales, path, options.ThreadCount);
            _session = new CpuSession(graph.Model, graph.DataFolder, _pool, options.ThreadCount, graph.RetypedWeights, Products);
            Describe(graph, contextTokens, options, layout, blocks, Products?.Path.ToString() ?? "OnnxRuntime");
            _outputs = new StepOutputs(Capabilities);
            _binding = new StepBinding(_session.Session, Inputs.Tensors.Concat(_outputs.Choices), _outputs.Results);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The packed weights; null where ONNX Runtime multiplies.</summary>
    internal QuantizedProducts? Products { get; }

    /// <summary>What attention kernels share; for tests that make a kernel fail.</summary>
    internal AttentionMemory* Memory => _pool.Memory;

    /// <inheritdoc/>
    protected override StepRows Rows => _outputs;

    /// <inheritdoc/>
    protected override void Run() => _binding.Run(RunOptions);

    /// <inheritdoc/>
    protected override void Release()
    {
        _binding?.Dispose();
        _session?.Dispose();
        Products?.Dispose();
        _pool?.Dispose();
    }
}
