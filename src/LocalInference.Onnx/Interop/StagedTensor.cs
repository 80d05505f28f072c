using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// A step input with two buffers: one of the host, which is filled, and one of the device, which the session is bound to. Binding is done
/// when the shape changes; the data of every step come by a copy into the bound buffer, so that what changes without rebinding is seen by
/// the next step. (Binding the host's buffer itself would copy it once, at that moment.)
/// </summary>
internal sealed unsafe class StagedTensor : IDisposable
{
    private readonly nint _binding;
    private readonly byte* _name;
    private readonly OrtAllocator _allocator;
    private readonly int _elementType;
    private TensorView _source;
    private TensorView _target;
    private DeviceTensor? _buffer;
    private long _capacity;

    /// <param name="binding">The session's binding, by handle.</param>
    /// <param name="allocator">The device's.</param>
    /// <param name="deviceMemory">ONNX Runtime's word for its memory.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="elementType">Its ONNX element type.</param>
    /// <param name="elementBytes">Bytes of an element.</param>
    public StagedTensor(
        nint binding, OrtAllocator allocator, nint deviceMemory, string name, int elementType, int elementBytes)
    {
        _name = OrtFunctions.Name(name);
        (_binding, _allocator, _elementType) = (binding, allocator, elementType);
        _source = new TensorView(OrtRuntime.HostMemory, elementType, elementBytes);
        _target = new TensorView(deviceMemory, elementType, elementBytes);
    }

    /// <summary>What is copied from.</summary>
    public void* Source => _source.Value;

    /// <summary>What is copied to, and bound.</summary>
    public void* Target => _target.Value;

    /// <summary>Bytes of a copy.</summary>
    public long Bytes => _source.Bytes;

    /// <summary>Takes on a step's shape; -1 columns make it a vector.</summary>
    /// <returns>Whether it was bound anew.</returns>
    public bool Shape(void* host, long rows, long columns = -1)
    {
        Reserve(rows * Math.Abs(columns));
        _source.Show(host, rows, columns);
        if (!_target.Show(_buffer!.Address, rows, columns))
            return false;
        void* status = OrtFunctions.BindInput(_binding, _name, _target.Value);
        // What was not bound must not pass for bound at the next step.
        if (status is not null)
            _target.Clear();
        OrtFunctions.Check(status);
        return true;
    }

    /// <summary>
    /// Takes on a step's shape and data by binding the host's buffer, which copies it now: for providers whose memory nothing else can
    /// copy into.
    /// </summary>
    public void Bind(void* host, long rows, long columns = -1)
    {
        _source.Show(host, rows, columns);
        OrtFunctions.Check(OrtFunctions.BindInput(_binding, _name, _source.Value));
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
        var buffer = new DeviceTensor(_allocator, _elementType, grown);
        _target.Clear();
        _buffer?.Dispose();
        (_buffer, _capacity) = (buffer, grown);
    }
}
