using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Runner;

/// <summary>The session's one binding, over the runner's fixed buffers; tensors are bound anew only when their shape changes.</summary>
internal sealed unsafe class StepBinding : IDisposable
{
    private readonly OrtIoBinding _binding;
    private readonly void* _memory;
    private readonly RunnerCapabilities _limits;
    private BoundTensor _inputIds;
    private BoundTensor _cumulativeLengths;
    private BoundTensor _pastLengths;
    private BoundTensor _blockTable;
    private BoundTensor _outputRows;
    private BoundTensor _logitsRows;
    private BoundTensor _hidden;
    private BoundTensor _logits;

    public StepBinding(InferenceSession session, RunnerCapabilities limits)
    {
        const int ArenaAllocator = 1, DefaultMemory = 0;
        void* memory;
        OrtFunctions.Check(OrtFunctions.CreateCpuMemoryInfo(ArenaAllocator, DefaultMemory, &memory));
        _memory = memory;
        _limits = limits;
        _binding = session.CreateIoBinding();
        _inputIds = Make("input_ids"u8, OnnxTypes.Int64, sizeof(long), isOutput: false);
        _cumulativeLengths = Make("cumulative_sequence_lengths"u8, OnnxTypes.Int32, sizeof(int), isOutput: false);
        _pastLengths = Make("past_sequence_lengths"u8, OnnxTypes.Int32, sizeof(int), isOutput: false);
        _blockTable = Make("block_table"u8, OnnxTypes.Int32, sizeof(int), isOutput: false);
        _outputRows = Make("output_rows"u8, OnnxTypes.Int32, sizeof(int), isOutput: false);
        _logitsRows = Make("logits_rows"u8, OnnxTypes.Int32, sizeof(int), isOutput: false);
        _hidden = Make("hidden"u8, OnnxTypes.Float, sizeof(float), isOutput: true);
        _logits = Make("logits"u8, OnnxTypes.Float, sizeof(float), isOutput: true);
    }

    /// <summary>Runs the session once over the buffers' current contents.</summary>
    public void Run(InferenceSession session, RunOptions options, StepBatch batch, StepInputs inputs, StepOutputs outputs)
    {
        _inputIds.Bind(inputs.Ids.Address, batch.TokenCount);
        _cumulativeLengths.Bind(inputs.CumulativeLengths.Address, inputs.EntryCount + 1);
        _pastLengths.Bind(inputs.PastLengths.Address, inputs.EntryCount);
        _blockTable.Bind(inputs.BlockTable.Address, inputs.EntryCount, inputs.TableWidth);
        _outputRows.Bind(outputs.OutputRows.Address, outputs.OutputRowCount);
        _logitsRows.Bind(outputs.LogitsRows.Address, outputs.LogitsRowCount);
        _hidden.Bind(outputs.HiddenStates.Address, outputs.OutputRowCount, _limits.HiddenSize);
        _logits.Bind(outputs.AllLogits.Address, outputs.LogitsRowCount, _limits.VocabularySize);
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
        OrtFunctions.ReleaseMemoryInfo(_memory);
    }

    private BoundTensor Make(ReadOnlySpan<byte> name, int type, int bytes, bool isOutput) =>
        new(_binding.DangerousGetHandle(), (nint)_memory, OrtFunctions.Literal(name), type, bytes, isOutput);
}
