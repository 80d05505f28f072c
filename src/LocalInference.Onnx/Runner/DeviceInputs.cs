using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// A step's description in a device's memory: fixed buffers that the session is bound to, which each step's data are copied into.
/// </summary>
internal sealed unsafe class DeviceInputs : IDisposable
{
    private readonly DeviceSession _device;
    private readonly StagedTensor[] _staged;
    private readonly void*[] _sources;
    private readonly void*[] _targets;

    // Both are read by the processor, so they are bound where they lie: what changes in them is seen without a copy.
    private readonly HostTensor<long> _topK = new(OnnxNames.TopKCount, OnnxTypes.Int64, 1);
    private readonly HostTensor<int>? _metadata;

    /// <summary>Takes the buffers and binds what never changes.</summary>
    /// <param name="binding">The session's.</param>
    /// <param name="device">The session with its memory; must outlive the buffers.</param>
    /// <param name="tensors">Where steps are described in host memory.</param>
    /// <param name="takesMetadata">Whether attention reads the step's extent.</param>
    public DeviceInputs(OrtIoBinding binding, DeviceSession device, IEnumerable<IHostTensor> tensors, bool takesMetadata)
    {
        _device = device;
        nint handle = binding.DangerousGetHandle();
        _staged = [.. tensors.Select(t => new StagedTensor(handle, t, device.Allocator, device.Memory.DangerousGetHandle()))];
        _sources = new void*[_staged.Length];
        _targets = new void*[_staged.Length];
        _topK.Shape(1);
        _topK.Values.Clear();
        CopiesInputs = CanCopy();
        BindHost(handle, _topK);
        if (!takesMetadata)
            return;
        _metadata = new HostTensor<int>(OnnxNames.AttentionMetadata, OnnxTypes.Int32, 3);
        _metadata.Shape(3);
        BindHost(handle, _metadata);
    }

    /// <summary>Whether data come by copies into bound buffers; otherwise each tensor is bound in every step, which copies it too.</summary>
    public bool CopiesInputs { get; set; }

    /// <summary>How often a tensor was bound anew.</summary>
    public int BindingCount { get; private set; }

    /// <summary>Brings a step's description to the device.</summary>
    /// <returns>Bytes.</returns>
    public long Upload(StepInputs inputs, int topK)
    {
        foreach (StagedTensor tensor in _staged)
        {
            if (!CopiesInputs)
                tensor.Bind();
            if (!CopiesInputs || tensor.Stage())
                BindingCount++;
        }
        *_topK.Address = topK;
        if (_metadata is not null)
            DescribeExtent(inputs, _metadata.Values);
        return Copy();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (StagedTensor tensor in _staged)
            tensor.Dispose();
        _topK.Dispose();
        _metadata?.Dispose();
    }

    private static void BindHost(nint binding, IHostTensor tensor)
    {
        var bound = new BoundTensor(binding, tensor, isOutput: false);
        bound.Bind();
        // The binding holds its own reference.
        bound.Clear();
    }

    /// <summary>
    /// The step's extent, by which kernels size their launches: new tokens of an entry at most, tokens with the past ones at most, and
    /// at least.
    /// </summary>
    private static void DescribeExtent(StepInputs inputs, Span<int> extent)
    {
        int longestNew = 0, longest = 0;
        for (int i = 0; i < inputs.EntryCount; i++)
        {
            int tokens = inputs.CumulativeLengths.Address[i + 1] - inputs.CumulativeLengths.Address[i];
            longestNew = Math.Max(longestNew, tokens);
            longest = Math.Max(longest, inputs.PastLengths.Address[i] + tokens);
        }
        (extent[0], extent[1], extent[2]) = (longestNew, longest, longest);
    }

    private long Copy()
    {
        long bytes = 0;
        for (int i = 0; i < _staged.Length; i++)
        {
            _sources[i] = _staged[i].Source;
            _targets[i] = _staged[i].Target;
            bytes += _staged[i].Bytes;
        }
        if (CopiesInputs)
            fixed (void** sources = _sources, targets = _targets)
                OrtFunctions.Check(OrtRuntime.CopyTensors(sources, targets, _staged.Length));
        return bytes;
    }

    /// <summary>Whether ONNX Runtime can copy into the device's memory outside of a run; some providers can only when a tensor is bound.</summary>
    private bool CanCopy()
    {
        using var target = new DeviceTensor(_device.Allocator, OnnxTypes.Int64, 1);
        var view = new TensorView(OrtRuntime.HostMemory, _topK);
        view.Show(_topK.Data);
        void* from = view.Value, to = target.Value;
        try
        {
            OrtFunctions.Check(OrtRuntime.CopyTensors(&from, &to, 1));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            view.Clear();
        }
    }
}
