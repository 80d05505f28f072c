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
    private readonly StepInputs _inputs;
    private readonly StepOutputs _outputs;
    private readonly StepBinding _binding;

    /// <summary>Takes the memory and makes the session.</summary>
    /// <param name="graph">The served graph.</param>
    /// <param name="contextTokens">The longest sequence.</param>
    /// <param name="blockCount">Blocks in the cache.</param>
    /// <param name="type">What the cache keeps.</param>
    /// <param name="options">Checked.</param>
    public CpuModelRunner(ServedGraph graph, int contextTokens, int blockCount, KvType type, RunnerOptions options)
    {
        KernelPath path = options.KernelPath ?? KernelPaths.Best;
        int threads = options.Threads ?? Environment.ProcessorCount;
        _pool = new KvPool(graph.Shape, graph.LayerCount, blockCount, options.BlockTokens, options.MaxStepTokens, type, path, threads);
        try
        {
            if (graph.Weights.Count > 0)
                Products = new QuantizedProducts(graph.Weights, options.MayRoundScales, path, threads);
            _session = new CpuSession(graph.Model, graph.DataFolder, _pool, threads, graph.RetypedWeights, Products);
        }
        catch
        {
            Products?.Dispose();
            _pool.Dispose();
            throw;
        }
        Capabilities = new RunnerCapabilities
        {
            VocabularySize = graph.VocabularySize,
            HiddenSize = graph.HiddenSize,
            ContextTokens = contextTokens,
            MaxStepTokens = options.MaxStepTokens,
            MaxSequences = options.MaxSequences,
            Kv = _pool.Layout,
            BlockCount = blockCount,
            Kernels = Products?.Path.ToString() ?? "OnnxRuntime",
            IsBatchInvariant = false,
        };
        _inputs = new StepInputs(Capabilities);
        _outputs = new StepOutputs(Capabilities, () => IsDisposed);
        _binding = new StepBinding(_session.Session, Capabilities);
    }

    /// <summary>The packed weights; null where ONNX Runtime multiplies.</summary>
    internal QuantizedProducts? Products { get; }

    /// <summary>What attention kernels share; for tests that make a kernel fail.</summary>
    internal AttentionMemory* Memory => _pool.Memory;

    /// <inheritdoc/>
    protected override StepRows Rows => _outputs;

    /// <inheritdoc/>
    protected override void Run(StepBatch batch)
    {
        _inputs.Fill(batch);
        _outputs.Plan(batch);
        _binding.Run(_session.Session, RunOptions, batch, _inputs, _outputs);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        _binding.Dispose();
        _session.Dispose();
        _outputs.Dispose();
        _inputs.Dispose();
        Products?.Dispose();
        _pool.Dispose();
    }
}
