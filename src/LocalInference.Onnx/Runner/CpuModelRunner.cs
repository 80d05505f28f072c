using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Matrix;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Runs a served graph on the CPU, inside <see cref="Submit"/>. Disposal waits for a step that is running: ONNX Runtime would crash otherwise.
/// </summary>
internal sealed unsafe class CpuModelRunner : IModelRunner
{
    // Guards everything below against disposal from another thread. It is free of contention otherwise: one thread uses a runner.
    private readonly Lock _gate = new();
    private readonly KvPool _pool;
    private readonly CpuSession _session;
    private readonly StepInputs _inputs;
    private readonly StepOutputs _outputs;
    private readonly StepBinding _binding;
    private readonly RunOptions _runOptions = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private bool _isDisposed;
    private StepState _state;

    /// <summary>Takes the memory and makes the session.</summary>
    /// <param name="graph">The served graph.</param>
    /// <param name="contextTokens">The longest sequence.</param>
    /// <param name="blockCount">Blocks in the cache.</param>
    /// <param name="type">What the cache keeps.</param>
    /// <param name="options">Checked.</param>
    public CpuModelRunner(ServedGraph graph, int contextTokens, int blockCount, KvType type, RunnerOptions options)
    {
        KernelPath path = options.KernelPath ?? KernelPaths.Best;
        _pool = new KvPool(graph.Shape, graph.LayerCount, blockCount, options.BlockTokens, options.MaxStepTokens, type, path);
        int threads = options.Threads ?? Environment.ProcessorCount;
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
        _outputs = new StepOutputs(Capabilities, () => _isDisposed);
        _binding = new StepBinding(_session.Session, Capabilities);
    }

    private enum StepState
    {
        Idle,
        Submitted,
    }

    /// <inheritdoc/>
    public RunnerCapabilities Capabilities { get; private set; }

    /// <summary>The packed weights; null where ONNX Runtime multiplies.</summary>
    internal QuantizedProducts? Products { get; }

    /// <summary>What attention kernels share; for tests that make a kernel fail.</summary>
    internal AttentionMemory* Memory => _pool.Memory;

    /// <inheritdoc/>
    public void Submit(StepBatch batch)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_state == StepState.Submitted)
                throw new InvalidOperationException("A step is already submitted: call Complete first.");
            try
            {
                _inputs.Fill(batch);
                _outputs.Plan(batch);
                _binding.Run(_session.Session, _runOptions, batch, _inputs, _outputs);
                _outputs.Select();
                _state = StepState.Submitted;
            }
            finally
            {
                if (_state == StepState.Idle)
                    _outputs.Forget();
            }
        }
    }

    /// <inheritdoc/>
    public IStepResult Complete()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_state == StepState.Idle)
            throw new InvalidOperationException("No step is submitted: call Submit first.");
        _state = StepState.Idle;
        return _outputs;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _binding.Dispose();
            _session.Dispose();
            _runOptions.Dispose();
            _outputs.Dispose();
            _inputs.Dispose();
            Products?.Dispose();
            _pool.Dispose();
        }
    }

    /// <summary>Notes what the start-up probe found.</summary>
    internal void SetBatchInvariant(bool isBatchInvariant) => Capabilities = Capabilities with { IsBatchInvariant = isBatchInvariant };
}
