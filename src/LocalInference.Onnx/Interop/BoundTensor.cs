namespace LocalInference.Onnx.Interop;

/// <summary>
/// One input or output of a session over a fixed native buffer. It is bound anew only when its shape or address changes, through the function table:
/// the managed API allocates on each of these calls.
/// </summary>
/// <param name="binding">The session's binding, by handle.</param>
/// <param name="memory">ONNX Runtime's word for host memory.</param>
/// <param name="name">The tensor's name; a UTF-8 literal's address.</param>
/// <param name="elementType">Its ONNX element type.</param>
/// <param name="elementBytes">Bytes of an element.</param>
/// <param name="isOutput">Whether the session writes it.</param>
internal unsafe struct BoundTensor(nint binding, nint memory, byte* name, int elementType, int elementBytes, bool isOutput)
{
    private void* _address;
    private long _rows = -1;
    private long _columns = -1;

    /// <summary>Binds a vector.</summary>
    public void Bind(void* address, long length) => Bind(address, length, columns: 0);

    /// <summary>Binds a matrix; 0 columns make it a vector.</summary>
    public void Bind(void* address, long rows, long columns)
    {
        if (address == _address && rows == _rows && columns == _columns)
            return;
        long* dims = stackalloc long[2] { rows, columns };
        nuint rank = columns == 0 ? 1u : 2u;
        nuint bytes = (nuint)(rows * Math.Max(columns, 1) * elementBytes);
        void* value;
        OrtFunctions.Check(OrtFunctions.CreateTensorWithData((void*)memory, address, bytes, dims, rank, elementType, &value));
        void* status = isOutput ? OrtFunctions.BindOutput(binding, name, value) : OrtFunctions.BindInput(binding, name, value);
        // The binding holds its own reference.
        OrtFunctions.ReleaseValue(value);
        OrtFunctions.Check(status);
        _address = address;
        (_rows, _columns) = (rows, columns);
    }
}
