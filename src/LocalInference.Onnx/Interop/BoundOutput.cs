namespace LocalInference.Onnx.Interop;

/// <summary>One output that a step may or may not want, in host memory.</summary>
/// <param name="name">The tensor's name.</param>
/// <param name="elementType">Its ONNX element type.</param>
/// <param name="elementBytes">Bytes of an element.</param>
internal unsafe struct BoundOutput(string name, int elementType, int elementBytes)
{
    private readonly byte* _name = OrtFunctions.Name(name);
    private TensorView _view = new(OrtRuntime.HostMemory, elementType, elementBytes);

    /// <summary>Bytes that the step copies.</summary>
    public readonly long Bytes => _view.Value is null ? 0 : _view.Bytes;

    /// <summary>Notes what the step wants.</summary>
    /// <param name="rows">0 for nothing.</param>
    /// <param name="address">Where they shall come.</param>
    /// <param name="columns">-1 for a vector.</param>
    /// <returns>Whether that is something else than before.</returns>
    public bool Want(long rows, void* address, long columns = -1)
    {
        if (rows > 0)
            return _view.Show(address, rows, columns);
        bool wasWanted = _view.Value is not null;
        Clear();
        return wasWanted;
    }

    /// <summary>Binds it, where it is wanted.</summary>
    /// <returns>Whether it is.</returns>
    public readonly bool Bind(nint binding)
    {
        if (_view.Value is null)
            return false;
        OrtFunctions.Check(OrtFunctions.BindOutput(binding, _name, _view.Value));
        return true;
    }

    /// <summary>Releases ONNX Runtime's object.</summary>
    public void Clear() => _view.Clear();
}
