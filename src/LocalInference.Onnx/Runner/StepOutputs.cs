using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Runner;

/// <summary>A step's rows where the graph gives the logits of all of them in host memory: the processor's form.</summary>
/// <param name="limits">The runner's.</param>
internal sealed unsafe class StepOutputs(RunnerCapabilities limits) : StepRows(limits)
{
    /// <summary>[output rows, hidden size].</summary>
    public HostTensor<float> HiddenStates { get; } =
        new(OnnxNames.Hidden, OnnxTypes.Float, (long)limits.MaxSequences * limits.HiddenSize);

    /// <summary>[logits rows, vocabulary size].</summary>
    public HostTensor<float> AllLogits { get; } =
        new(OnnxNames.Logits, OnnxTypes.Float, (long)limits.MaxSequences * limits.VocabularySize);

    /// <inheritdoc/>
    public override IEnumerable<IHostTensor> Results => [HiddenStates, AllLogits];

    /// <summary>Reads off what costs a pass over the logits.</summary>
    public override void Select()
    {
        for (int row = 0; row < RowCount; row++)
            if (WantOf(row).Want == RowWant.TopK)
                TopKSelector.Select(LogitsOf(row), TopKTokensOf(row), TopKLogitsOf(row));
            else if (WantOf(row).Want == RowWant.Greedy)
                SetGreedyToken(row, TopKSelector.Likeliest(LogitsOf(row)));
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> LogitsOf(int row) =>
        new(AllLogits.Address + ((long)LogitsRowOf(row) * Limits.VocabularySize), Limits.VocabularySize);

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> HiddenOf(int row) =>
        new(HiddenStates.Address + ((long)row * Limits.HiddenSize), Limits.HiddenSize);

    /// <inheritdoc/>
    protected override void Arrange()
    {
        HiddenStates.Shape(OutputRows.Rows, Limits.HiddenSize);
        AllLogits.Shape(LogitsRows.Rows, Limits.VocabularySize);
    }
}
