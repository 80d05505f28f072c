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
    private readonly DeviceSession _device;
    private readonly OrtIoBinding _binding;
    private readonly StepInputs _stepInputs;
    private readonly DeviceOutputs _stepOutputs;
    private readonly BoundOutput[] _outputs;
    private readonly DeviceTensor _unwanted;
    private bool _areOutputsBound;
    private int _outputBindings;

    /// <summary>Binds what never changes.</summary>
    /// <param name="device">The session with its memory; must outlive the binding.</param>
    /// <param name="pool">The caches; must outlive the binding.</param>
    /// <param name="profile">The graph's form.</param>
    /// <param name="inputs">Where steps are described.</param>
    /// <param name="outputs">Says what of them is wanted, and has room for it.</param>
    public DeviceBinding(DeviceSession device, DeviceKvPool pool, ServedGraphProfile profile, StepInputs inputs, DeviceOutputs outputs)
    {
        (_device, _stepInputs, _stepOutputs) = (device, inputs, outputs);
        _binding = device.Session.CreateIoBinding();
        pool.BindTo(_binding);
        Inputs = new DeviceInputs(_binding, device, [.. inputs.Tensors, .. outputs.Choices], profile.TakesAttentionMetadata);
        _outputs = [.. outputs.Results.Select(t => new BoundOutput(t))];
        _unwanted = new DeviceTensor(device.Allocator, OnnxTypes.Int64, 1);
    }

    /// <summary>The step's description on the device.</summary>
    public DeviceInputs Inputs { get; }

    /// <summary>What the last step copied between host and device.</summary>
    public StepTraffic Traffic { get; private set; }

    /// <summary>How often a step input or the outputs were bound anew.</summary>
    public int BindingCount => Inputs.BindingCount + _outputBindings;

    /// <summary>Runs the session once over the host buffers' current contents.</summary>
    public void Run(RunOptions options)
    {
        long uploaded = Inputs.Upload(_stepInputs, _stepOutputs.TopKCount);
        long downloaded = BindOutputs();
        _device.Session.RunWithBinding(options, _binding);
        Traffic = new StepTraffic(uploaded, downloaded);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        Inputs.Dispose();
        for (int i = 0; i < _outputs.Length; i++)
            _outputs[i].Clear();
        _unwanted.Dispose();
    }

    /// <summary>Binds what the step wants; all anew when anything of it has changed, since a name cannot be unbound alone.</summary>
    /// <returns>Bytes that will come back.</returns>
    private long BindOutputs()
    {
        long bytes = 0;
        bool isCurrent = _areOutputsBound;
        for (int i = 0; i < _outputs.Length; i++)
        {
            isCurrent &= !_outputs[i].Update();
            bytes += _outputs[i].Bytes;
        }
        if (isCurrent)
            return bytes;
        _outputBindings++;
        _areOutputsBound = false;
        nint binding = _binding.DangerousGetHandle();
        OrtFunctions.ClearBoundOutputs(binding);
        bool isAnything = false;
        foreach (ref readonly BoundOutput output in _outputs.AsSpan())
            isAnything |= output.Bind(binding);
        // A run must have an output; this one stays on the device.
        if (!isAnything)
            OrtFunctions.Check(OrtFunctions.BindOutput(binding, _stepOutputs.GreedyTokens.Name, _unwanted.Value));
        _areOutputsBound = true;
        return bytes;
    }
}

/// <summary>What a step copied between host and device.</summary>
/// <param name="UploadedBytes">The step's description.</param>
/// <param name="DownloadedBytes">What its rows are wanted for, and nothing else.</param>
internal readonly record struct StepTraffic(long UploadedBytes, long DownloadedBytes);
