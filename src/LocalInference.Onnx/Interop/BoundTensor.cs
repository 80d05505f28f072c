namespace LocalInference.Onnx.Interop;

/// <summary>
/// One input or output of a session where it lies in host memory. It is bound anew only when its shape or address changes, through the
/// function table: the managed API allocates on each of these calls.
/// </summary>
/// <param name="binding">The session's binding, by handle.</param>
/// <param name="tensor">What is bound.</param>
/// <param name="isOutput">Whether the session writes it.</param>
internal unsafe struct BoundTensor(nint binding, IHostTensor tensor, bool isOutput)
{
    private TensorView _view = new(OrtRuntime.HostMemory, tensor);

    /// <summary>Binds the tensor as it is now.</summary>
    public void Bind()
    {
        if (!_view.Show(tensor.Data))
            return;
        void* status = isOutput
            ? OrtFunctions.BindOutput(binding, tensor.Name, _view.Value)
            : OrtFunctions.BindInput(binding, tensor.Name, _view.Value);
        // What was not bound must not pass for bound at the next step.
        if (status is not null)
            _view.Clear();
        OrtFunctions.Check(status);
    }

    /// <summary>Releases ONNX Runtime's object; the binding holds its own reference.</summary>
    public void Clear() => _view.Clear();
}
