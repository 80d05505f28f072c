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
    private TensorView _view = new(memory, elementType, elementBytes);

    /// <summary>Binds a matrix; -1 columns make it a vector.</summary>
    public void Bind(void* address, long rows, long columns = -1)
    {
        if (!_view.Show(address, rows, columns))
            return;
        void* status = isOutput ? OrtFunctions.BindOutput(binding, name, _view.Value) : OrtFunctions.BindInput(binding, name, _view.Value);
        // What was not bound must not pass for bound at the next step.
        if (status is not null)
            _view.Clear();
        OrtFunctions.Check(status);
    }

    /// <summary>Releases ONNX Runtime's object; the binding holds its own reference.</summary>
    public void Clear() => _view.Clear();
}
