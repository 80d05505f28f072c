namespace LocalInference.Onnx.Interop;

/// <summary>
/// ONNX Runtime's object for memory that somebody else owns, made anew only when shape or address change. Release it by
/// <see cref="Clear"/>.
/// </summary>
/// <param name="memory">ONNX Runtime's word for the memory that holds it.</param>
/// <param name="tensor">Says what it is; its shape counts when it is shown.</param>
internal unsafe struct TensorView(nint memory, IHostTensor tensor)
{
    private void* _address;
    private long _rows = -1;
    private long _columns = -1;

    /// <summary>The object; null before the first <see cref="Show"/>.</summary>
    public void* Value { get; private set; }

    /// <summary>Bytes that are shown.</summary>
    public readonly long Bytes => _rows * Math.Abs(_columns) * tensor.ElementBytes;

    /// <summary>Shows the tensor's shape.</summary>
    /// <param name="address">Where the elements are.</param>
    /// <returns>Whether the object is another than before.</returns>
    public bool Show(void* address)
    {
        (long rows, long columns) = (tensor.Rows, tensor.Columns);
        if (address == _address && rows == _rows && columns == _columns)
            return false;
        Clear();
        long* dims = stackalloc long[2] { rows, columns };
        nuint rank = columns < 0 ? 1u : 2u, bytes = (nuint)(rows * Math.Abs(columns) * tensor.ElementBytes);
        void* value;
        OrtFunctions.Check(OrtFunctions.CreateTensorWithData((void*)memory, address, bytes, dims, rank, tensor.ElementType, &value));
        Value = value;
        _address = address;
        (_rows, _columns) = (rows, columns);
        return true;
    }

    /// <summary>Releases the object, whose memory stays its owner's.</summary>
    public void Clear()
    {
        if (Value is not null)
            OrtFunctions.ReleaseValue(Value);
        Value = null;
        _rows = -1;
    }
}
