using LocalInference.Core.Execution;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Graph;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>Runs a served graph on a device with memory of its own, by ONNX Runtime's kernels.</summary>
internal sealed class DeviceModelRunner : StepRunner
{
    private readonly DeviceSession _device;
    private readonly DeviceKvPool _pool;
    private readonly DeviceOutputs _outputs;
    private readonly DeviceBinding _binding;

    /// <summary>Makes the session, which loads the weights, and takes of the memory that is left.</summary>
    /// <param name="graph">Built for the device.</param>
    /// <param name="device">One that can be used.</param>
    /// <param name="contextTokens">The longest sequence.</param>
    /// <param name="options">Checked.</param>
    /// <exception cref="ArgumentException">
    /// The cache asked for holds less than one full context or another type than fp16, or the device's kernels take fewer sequences at
    /// once.
    /// </exception>
    public DeviceModelRunner(ServedGraph graph, DeviceChoice device, int contextTokens, RunnerOptions options)
    {
        if (options.KvType is { } type)
            throw new ArgumentException($"{nameof(RunnerOptions.KvType)} is {type}, but the cache is fp16 on {device.Name}. Leave it out.");
        if (options.MaxSequences > graph.Profile.MaxSequences)
            throw new ArgumentException(
                $"{nameof(RunnerOptions.MaxSequences)} is {options.MaxSequences}; "
                + $"ONNX Runtime's attention on {device.Name} takes at most {graph.Profile.MaxSequences} at once.");
        ExecutionProvider provider = device.Provider!;
        try
        {
            _device = new DeviceSession(graph, provider, device.Gpu, options.ThreadCount);
            KvLayout layout = DeviceKvPool.LayoutOf(graph);
            int blocks = KvSizing.BlockCount(layout, contextTokens, options, provider.RoomFor(layout, device.Gpu));
            _pool = new DeviceKvPool(graph, blocks, _device.Allocator);
            Describe(graph, contextTokens, options, layout, blocks, $"OnnxRuntime {device.Name}");
            _outputs = new DeviceOutputs(Capabilities);
            _binding = new DeviceBinding(_device, _pool, graph.Profile, Inputs, _outputs);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the last step copied between host and device.</summary>
    internal StepTraffic Traffic => _binding.Traffic;

    /// <summary>How often tensors of a step were bound anew.</summary>
    internal int BindingCount => _binding.BindingCount;

    /// <inheritdoc cref="DeviceInputs.CopiesInputs"/>
    internal bool CopiesInputs
    {
        get => _binding.Inputs.CopiesInputs;
        set => _binding.Inputs.CopiesInputs = value;
    }

    /// <inheritdoc cref="StepInputs.EntryTokens"/>
    internal int EntryTokens
    {
        get => Inputs.EntryTokens;
        set => Inputs.EntryTokens = value;
    }

    /// <summary>The session, for reports on it.</summary>
    internal InferenceSession Session => _device.Session;

    /// <inheritdoc/>
    protected override StepRows Rows => _outputs;

    /// <inheritdoc/>
    protected override void Run() => _binding.Run(RunOptions);

    /// <inheritdoc/>
    protected override void Release()
    {
        _binding?.Dispose();
        _pool?.Dispose();
        _device?.Dispose();
    }
}
