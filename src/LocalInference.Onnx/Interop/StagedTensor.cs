using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// A step input with two buffers: one of the host, which is filled, and one of the device, which the session is bound to. Binding is done
/// when the shape changes; the data of every step come by a copy into the bound buffer, so that what changes without rebinding is seen by
/// the next step. (Binding the host's buffer itself would copy it once, at that moment.)
/// </summary>
/// <param name="binding">The session's binding, by handle.</param>
/// <param name="tensor">The host's buffer.</param>
/// <param name="allocator">The device's.</param>
/// <param name="deviceMemory">ONNX Runtime's word for the device's memory.</param>
internal sealed unsafe class StagedTensor(nint binding, IHostTensor tensor, OrtAllocator allocator, nint deviceMemory) : IDisposable
{
    private TensorView _source = new(OrtRuntime.HostMemory, tensor);
    private TensorView _target = new(deviceMemory, tensor);
    private DeviceTensor? _buffer;
    private long _capacity;

    /// <summary>What is copied from.</summary>
    public void* Source => _source.Value;

    /// <summary>What is copied to, and bound.</summary>
    public void* Target => _target.Value;

    /// <summary>Bytes of a copy.</summary>
    public long Bytes => _source.Bytes;

    /// <summary>Takes on the step's shape.</summary>
    /// <returns>Whether it was bound anew.</returns>
    public bool Stage()
    {
        Reserve(tensor.Rows * Math.Abs(tensor.Columns));
        _source.Show(tensor.Data);
        if (!_target.Show(_buffer!.Address))
            return false;
        void* status = OrtFunctions.BindInput(binding, tensor.Name, _target.Value);
        // What was not bound must not pass for bound at the next step.
        if (status is not null)
            _target.Clear();
        OrtFunctions.Check(status);
        return true;
    }

    /// <summary>
    /// Takes on the step's shape and data by binding the host's buffer, which copies it now: for providers whose memory nothing else can
    /// copy into.
    /// </summary>
    public void Bind()
    {
        _source.Show(tensor.Data);
        OrtFunctions.Check(OrtFunctions.BindInput(binding, tensor.Name, _source.Value));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Clear();
        _target.Clear();
        _buffer?.Dispose();
        _buffer = null;
    }

    private void Reserve(long elements)
    {
        if (_buffer is not null && elements <= _capacity)
            return;
        long grown = Math.Max(elements, _capacity * 2);
        var buffer = new DeviceTensor(allocator, tensor.ElementType, grown);
        _target.Clear();
        _buffer?.Dispose();
        (_buffer, _capacity) = (buffer, grown);
    }
}
