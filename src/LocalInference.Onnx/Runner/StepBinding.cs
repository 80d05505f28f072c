using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// The session's one binding on the processor, over the runner's buffers; tensors are bound anew only when their shape changes.
/// </summary>
internal sealed unsafe class StepBinding : IDisposable
{
    private readonly OrtIoBinding _binding;
    private readonly StepInputs _inputs;
    private readonly StepOutputs _outputs;
    private BoundTensor _inputIds;
    private BoundTensor _cumulativeLengths;
    private BoundTensor _pastLengths;
    private BoundTensor _blockTable;
    private BoundTensor _outputRows;
    private BoundTensor _logitsRows;
    private BoundTensor _hidden;
    private BoundTensor _logits;

    /// <summary>Binds nothing yet.</summary>
    /// <param name="session">Must outlive the binding.</param>
    /// <param name="inputs">Where a step's description lies.</param>
    /// <param name="outputs">Where its results shall come.</param>
    public StepBinding(InferenceSession session, StepInputs inputs, StepOutputs outputs)
    {
        _binding = session.CreateIoBinding();
        (_inputs, _outputs) = (inputs, outputs);
        _inputIds = Input(OnnxNames.InputIds, OnnxTypes.Int64, sizeof(long));
        _cumulativeLengths = Input(OnnxNames.CumulativeSequenceLengths);
        _pastLengths = Input(OnnxNames.PastSequenceLengths);
        _blockTable = Input(OnnxNames.BlockTable);
        _outputRows = Input(OnnxNames.OutputRows);
        _logitsRows = Input(OnnxNames.LogitsRows);
        _hidden = Output(OnnxNames.Hidden);
        _logits = Output(OnnxNames.Logits);

        BoundTensor Input(string name, int type = OnnxTypes.Int32, int bytes = sizeof(int)) =>
            new(_binding.DangerousGetHandle(), name, type, bytes, isOutput: false);

        BoundTensor Output(string name) => new(_binding.DangerousGetHandle(), name, OnnxTypes.Float, sizeof(float), isOutput: true);
    }

    /// <summary>Runs the session once over the buffers' current contents.</summary>
    public void Run(InferenceSession session, RunOptions options, StepBatch batch)
    {
        _inputIds.Bind(_inputs.Ids.Address, batch.TokenCount);
        _cumulativeLengths.Bind(_inputs.CumulativeLengths.Address, _inputs.EntryCount + 1);
        _pastLengths.Bind(_inputs.PastLengths.Address, _inputs.EntryCount);
        _blockTable.Bind(_inputs.BlockTable.Address, _inputs.EntryCount, _inputs.TableWidth);
        _outputRows.Bind(_outputs.OutputRows.Address, _outputs.OutputRowCount);
        _logitsRows.Bind(_outputs.LogitsRows.Address, _outputs.LogitsRowCount);
        _hidden.Bind(_outputs.HiddenStates.Address, _outputs.OutputRowCount, _outputs.Limits.HiddenSize);
        _logits.Bind(_outputs.AllLogits.Address, _outputs.LogitsRowCount, _outputs.Limits.VocabularySize);
        session.RunWithBinding(options, _binding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _inputIds.Clear();
        _cumulativeLengths.Clear();
        _pastLengths.Clear();
        _blockTable.Clear();
        _outputRows.Clear();
        _logitsRows.Clear();
        _hidden.Clear();
        _logits.Clear();
    }
}
