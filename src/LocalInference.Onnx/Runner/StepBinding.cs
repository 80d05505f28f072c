using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// The session's one binding on the processor, over the runner's buffers where they lie; tensors are bound anew only when their shape
/// changes.
/// </summary>
internal sealed class StepBinding : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly BoundTensor[] _tensors;

    /// <summary>Binds nothing yet.</summary>
    /// <param name="session">Must outlive the binding.</param>
    /// <param name="inputs">Where a step's description lies.</param>
    /// <param name="outputs">Where its results shall come.</param>
    public StepBinding(InferenceSession session, IEnumerable<IHostTensor> inputs, IEnumerable<IHostTensor> outputs)
    {
        _session = session;
        _binding = session.CreateIoBinding();
        nint binding = _binding.DangerousGetHandle();
        _tensors =
        [
            .. inputs.Select(t => new BoundTensor(binding, t, isOutput: false)),
            .. outputs.Select(t => new BoundTensor(binding, t, isOutput: true)),
        ];
    }

    /// <summary>Runs the session once over the buffers' current contents.</summary>
    public void Run(RunOptions options)
    {
        for (int i = 0; i < _tensors.Length; i++)
            _tensors[i].Bind();
        _session.RunWithBinding(options, _binding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        for (int i = 0; i < _tensors.Length; i++)
            _tensors[i].Clear();
    }
}
