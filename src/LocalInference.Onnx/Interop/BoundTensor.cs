namespace LocalInference.Onnx.Interop;

/// <summary>
/// One input or output of a session over a fixed native buffer. It is bound anew only when its shape or address changes, through the
/// function table: the managed API allocates on each of these calls.
/// </summary>
/// <param name="binding">The session's binding, by handle.</param>
/// <param name="name">The tensor's name.</param>
/// <param name="elementType">Its ONNX element type.</param>
/// <param name="elementBytes">Bytes of an element.</param>
/// <param name="isOutput">Whether the session writes it.</param>
internal unsafe struct BoundTensor(nint binding, string name, int elementType, int elementBytes, bool isOutput)
{
    private readonly byte* _name = OrtFunctions.Name(name);
    private TensorView _view = new(OrtRuntime.HostMemory, elementType, elementBytes);

    /// <summary>Binds a matrix; -1 columns make it a vector.</summary>
    public void Bind(void* address, long rows, long columns = -1)
    {
        if (!_view.Show(address, rows, columns))
            return;
        void* status = isOutput
            ? OrtFunctions.BindOutput(binding, _name, _view.Value)
            : OrtFunctions.BindInput(binding, _name, _view.Value);
        // What was not bound must not pass for bound at the next step.
        if (status is not null)
            _view.Clear();
        OrtFunctions.Check(status);
    }

    /// <summary>Releases ONNX Runtime's object; the binding holds its own reference.</summary>
    public void Clear() => _view.Clear();
}
