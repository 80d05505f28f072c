namespace LocalInference.Onnx.Interop;

/// <summary>One output that a step may or may not want, in host memory.</summary>
/// <param name="tensor">Where it shall come; no rows where it is not wanted.</param>
internal unsafe struct BoundOutput(IHostTensor tensor)
{
    private TensorView _view = new(OrtRuntime.HostMemory, tensor);

    /// <summary>Bytes that the step copies.</summary>
    public readonly long Bytes => _view.Value is null ? 0 : _view.Bytes;

    /// <summary>Notes what the step wants.</summary>
    /// <returns>Whether that is something else than before.</returns>
    public bool Update()
    {
        if (tensor.Rows > 0)
            return _view.Show(tensor.Data);
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
        OrtFunctions.Check(OrtFunctions.BindOutput(binding, tensor.Name, _view.Value));
        return true;
    }

    /// <summary>Releases ONNX Runtime's object.</summary>
    public void Clear() => _view.Clear();
}
