using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// The session's one binding on a device. Caches are bound once, inputs when their shapes change (<see cref="DeviceInputs"/>). Of the
/// outputs only those are bound that the step wants something of, each with just its rows.
/// </summary>
internal sealed unsafe class DeviceBinding : IDisposable
{
    private readonly OrtIoBinding _binding;
    private readonly DeviceInputs _inputs;
    private readonly DeviceTensor _unwanted;
    private BoundOutput _greedyTokens = new(OnnxNames.GreedyTokens, OnnxTypes.Int64, sizeof(long));
    private BoundOutput _logits = new(OnnxNames.Logits, OnnxTypes.Float16, sizeof(ushort));
    private BoundOutput _topKLogits = new(OnnxNames.TopKLogits, OnnxTypes.Float16, sizeof(ushort));
    private BoundOutput _topKTokens = new(OnnxNames.TopKTokens, OnnxTypes.Int64, sizeof(long));
    private BoundOutput _hidden = new(OnnxNames.Hidden, OnnxTypes.Float16, sizeof(ushort));
    private bool _areOutputsBound;
    private int _outputBindings;

    /// <summary>Binds what never changes.</summary>
    /// <param name="device">The session with its memory; must outlive the binding.</param>
    /// <param name="pool">The caches; must outlive the binding.</param>
    /// <param name="profile">The graph's form.</param>
    public DeviceBinding(DeviceSession device, DeviceKvPool pool, ServedGraphProfile profile)
    {
        _binding = device.Session.CreateIoBinding();
        pool.BindTo(_binding);
        _inputs = new DeviceInputs(_binding, device, profile);
        _unwanted = new DeviceTensor(device.Allocator, OnnxTypes.Int64, 1);
    }

    /// <summary>What the last step copied between host and device.</summary>
    public StepTraffic Traffic { get; private set; }

    /// <inheritdoc cref="DeviceInputs.CopiesInputs"/>
    public bool CopiesInputs
    {
        get => _inputs.CopiesInputs;
        set => _inputs.CopiesInputs = value;
    }

    /// <summary>How often a step input or the outputs were bound anew.</summary>
    public int BindingCount => _inputs.BindingCount + _outputBindings;

    /// <summary>Runs the session once over the host buffers' current contents.</summary>
    public void Run(InferenceSession session, RunOptions options, StepBatch batch, StepInputs inputs, DeviceOutputs outputs)
    {
        long uploaded = _inputs.Upload(batch, inputs, outputs);
        long downloaded = BindOutputs(outputs);
        session.RunWithBinding(options, _binding);
        Traffic = new StepTraffic(uploaded, downloaded);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _inputs.Dispose();
        _greedyTokens.Clear();
        _logits.Clear();
        _topKLogits.Clear();
        _topKTokens.Clear();
        _hidden.Clear();
        _unwanted.Dispose();
    }

    /// <summary>Binds what the step wants; all anew when anything of it has changed, since a name cannot be unbound alone.</summary>
    /// <returns>Bytes that will come back.</returns>
    private long BindOutputs(DeviceOutputs outputs)
    {
        bool isChanged = _greedyTokens.Want(outputs.GreedyCount > 0 ? outputs.LogitsRowCount : 0, outputs.GreedyTokens.Address)
            | _logits.Want(outputs.SampledCount, outputs.SampledLogits.Address, outputs.Limits.VocabularySize)
            | _topKLogits.Want(outputs.TopKRowCount, outputs.BestLogits.Address, outputs.TopKCount)
            | _topKTokens.Want(outputs.TopKRowCount, outputs.BestTokens.Address, outputs.TopKCount)
            | _hidden.Want(outputs.HiddenCount, outputs.HiddenStates.Address, outputs.Limits.HiddenSize);
        if (isChanged || !_areOutputsBound)
        {
            _outputBindings++;
            _areOutputsBound = false;
            nint binding = _binding.DangerousGetHandle();
            OrtFunctions.ClearBoundOutputs(binding);
            bool isAnything = _greedyTokens.Bind(binding) | _logits.Bind(binding) | _hidden.Bind(binding)
                | _topKLogits.Bind(binding) | _topKTokens.Bind(binding);
            // A run must have an output; this one stays on the device.
            if (!isAnything)
                OrtFunctions.Check(OrtFunctions.BindOutput(binding, OrtFunctions.Name(OnnxNames.GreedyTokens), _unwanted.Value));
            _areOutputsBound = true;
        }
        return _greedyTokens.Bytes + _logits.Bytes + _topKLogits.Bytes + _topKTokens.Bytes + _hidden.Bytes;
    }
}
