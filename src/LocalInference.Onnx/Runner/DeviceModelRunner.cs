using LocalInference.Core.Execution;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Graph;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>Runs a served graph on a device with memory of its own, by ONNX Runtime's kernels: WebGPU or CUDA.</summary>
internal sealed class DeviceModelRunner : StepRunner
{
    private readonly DeviceSession _device;
    private readonly DeviceKvPool _pool;
    private readonly StepInputs _inputs;
    private readonly DeviceOutputs _outputs;
    private readonly DeviceBinding _binding;

    /// <summary>Makes the session, which loads the weights, and takes of the memory that is left.</summary>
    /// <param name="graph">Built for the device.</param>
    /// <param name="device">One that can be used.</param>
    /// <param name="contextTokens">The longest sequence.</param>
    /// <param name="options">Checked.</param>
    /// <exception cref="ArgumentException">The cache asked for holds less than one full context, or the device's kernels take fewer
    /// sequences at once.</exception>
    public DeviceModelRunner(ServedGraph graph, DeviceChoice device, int contextTokens, RunnerOptions options)
    {
        if (options.MaxSequences > graph.Profile.MaxSequences)
            throw new ArgumentException(
                $"{nameof(RunnerOptions.MaxSequences)} is {options.MaxSequences}; "
                + $"ONNX Runtime's attention on {device.Name} takes at most {graph.Profile.MaxSequences} at once.");
        _device = new DeviceSession(graph, device, options.Threads ?? Environment.ProcessorCount);
        try
        {
            KvLayout layout = DeviceKvPool.LayoutOf(graph);
            int blocks = KvSizing.BlockCount(layout, contextTokens, options, DeviceMemory.RoomFor(layout, device));
            _pool = new DeviceKvPool(graph, blocks, _device.Allocator);
            Capabilities = new RunnerCapabilities
            {
                VocabularySize = graph.VocabularySize,
                HiddenSize = graph.HiddenSize,
                ContextTokens = contextTokens,
                MaxStepTokens = options.MaxStepTokens,
                MaxSequences = options.MaxSequences,
                Kv = layout,
                BlockCount = blocks,
                Kernels = $"OnnxRuntime {device.Name}",
                IsBatchInvariant = false,
            };
            _binding = new DeviceBinding(_device, _pool, graph.Profile, Capabilities);
        }
        catch
        {
            _pool?.Dispose();
            _device.Dispose();
            throw;
        }
        _inputs = new StepInputs(Capabilities);
        _outputs = new DeviceOutputs(Capabilities, () => IsDisposed);
    }

    /// <summary>What the last step copied between host and device.</summary>
    internal StepTraffic Traffic => _binding.Traffic;

    /// <summary>How often tensors of a step were bound anew.</summary>
    internal int BindingCount => _binding.BindingCount;

    /// <summary>Whether step inputs come by copies into bound buffers.</summary>
    internal bool CopiesInputs
    {
        get => _binding.CopiesInputs;
        set => _binding.CopiesInputs = value;
    }

    /// <summary>New tokens of a sequence that the device's attention is given together at most.</summary>
    internal int EntryTokens
    {
        get => _inputs.EntryTokens;
        set => _inputs.EntryTokens = value;
    }

    /// <summary>The session, for reports on it.</summary>
    internal InferenceSession Session => _device.Session;

    /// <inheritdoc/>
    protected override StepRows Rows => _outputs;

    /// <inheritdoc/>
    protected override void Run(StepBatch batch)
    {
        _inputs.Fill(batch);
        _outputs.Plan(batch);
        _binding.Run(_device.Session, RunOptions, batch, _inputs, _outputs);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        _binding.Dispose();
        _pool.Dispose();
        _device.Dispose();
        _outputs.Dispose();
        _inputs.Dispose();
    }
}
