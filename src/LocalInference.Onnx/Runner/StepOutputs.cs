using LocalInference.Core.Execution;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Runner;

/// <summary>A step's rows where the graph gives the logits of all of them in host memory: the processor's form.</summary>
/// <param name="limits">The runner's.</param>
internal sealed unsafe class StepOutputs(RunnerCapabilities limits) : StepRows(limits)
{
    /// <summary>[output rows, hidden size].</summary>
    public NativeBuffer<float> HiddenStates { get; } = new((long)limits.MaxSequences * limits.HiddenSize);

    /// <summary>[logits rows, vocabulary size].</summary>
    public NativeBuffer<float> AllLogits { get; } = new((long)limits.MaxSequences * limits.VocabularySize);

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
    public override void Dispose()
    {
        base.Dispose();
        HiddenStates.Dispose();
        AllLogits.Dispose();
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> LogitsOf(int row) =>
        new(AllLogits.Address + ((long)LogitsRowOf(row) * Limits.VocabularySize), Limits.VocabularySize);

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> HiddenOf(int row) =>
        new(HiddenStates.Address + ((long)row * Limits.HiddenSize), Limits.HiddenSize);

    /// <inheritdoc/>
    protected override void Reserve(int rows)
    {
        base.Reserve(rows);
        HiddenStates.Ensure((long)rows * Limits.HiddenSize);
        AllLogits.Ensure((long)rows * Limits.VocabularySize);
    }
}
