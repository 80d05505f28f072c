using System.Numerics.Tensors;
using LocalInference.Core.Execution;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// A step's rows where the graph itself chooses what each is wanted for: greedy rows come as tokens, others as 16-bit numbers of their own
/// rows only.
/// </summary>
/// <param name="limits">The runner's.</param>
internal sealed unsafe class DeviceOutputs(RunnerCapabilities limits) : StepRows(limits)
{
    private readonly NativeBuffer<float> _logits = new(limits.VocabularySize);
    private readonly NativeBuffer<float> _hidden = new(limits.HiddenSize);
    private int[] _places = new int[limits.MaxSequences];

    /// <summary>Which rows behind the LM head give all their logits, [max(<see cref="SampledCount"/>, 1)].</summary>
    public NativeBuffer<int> SampledRows { get; } = new(limits.MaxSequences);

    /// <summary>Which give their likeliest tokens, [max(<see cref="TopKRowCount"/>, 1)].</summary>
    public NativeBuffer<int> TopKRows { get; } = new(limits.MaxSequences);

    /// <summary>Which rows behind the last layer give their hidden state, [max(<see cref="HiddenCount"/>, 1)].</summary>
    public NativeBuffer<int> HiddenRows { get; } = new(limits.MaxSequences);

    /// <summary>[logits rows].</summary>
    public NativeBuffer<long> GreedyTokens { get; } = new(limits.MaxSequences);

    /// <summary>[<see cref="SampledCount"/>, vocabulary size].</summary>
    public NativeBuffer<Half> SampledLogits { get; } = new(limits.VocabularySize);

    /// <summary>[<see cref="TopKRowCount"/>, <see cref="TopKCount"/>].</summary>
    public NativeBuffer<long> BestTokens { get; } = new(limits.MaxSequences);

    /// <summary>[<see cref="TopKRowCount"/>, <see cref="TopKCount"/>].</summary>
    public NativeBuffer<Half> BestLogits { get; } = new(limits.MaxSequences);

    /// <summary>[<see cref="HiddenCount"/>, hidden size].</summary>
    public NativeBuffer<Half> HiddenStates { get; } = new(limits.HiddenSize);

    /// <summary>Rows of which only a token is wanted.</summary>
    public int GreedyCount { get; private set; }

    /// <summary>Rows of which all logits are wanted.</summary>
    public int SampledCount { get; private set; }

    /// <summary>Rows of which the likeliest tokens are wanted.</summary>
    public int TopKRowCount { get; private set; }

    /// <summary>The most tokens that any of those wants.</summary>
    public int TopKCount { get; private set; }

    /// <summary>Rows of which the hidden state is wanted.</summary>
    public int HiddenCount { get; private set; }

    /// <inheritdoc/>
    public override void Select()
    {
        int logits = SampledCount * Limits.VocabularySize, hidden = HiddenCount * Limits.HiddenSize;
        TensorPrimitives.ConvertToSingle(SampledLogits.Span(logits), _logits.Span(logits));
        TensorPrimitives.ConvertToSingle(HiddenStates.Span(hidden), _hidden.Span(hidden));
        for (int row = 0; row < RowCount; row++)
            if (WantOf(row).Want == RowWant.Greedy)
                SetGreedyToken(row, Token(GreedyTokens.Address[LogitsRowOf(row)]));
            else if (WantOf(row).Want == RowWant.TopK)
                ReadBest(row);
            else if (WantOf(row).Want == RowWant.Logits && float.IsNaN(Maximum.Of(LogitsOf(row))))
                throw NotNumbers();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        IDisposable[] buffers =
            [_logits, _hidden, SampledRows, TopKRows, HiddenRows, GreedyTokens, SampledLogits, BestTokens, BestLogits, HiddenStates];
        foreach (IDisposable buffer in buffers)
            buffer.Dispose();
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> LogitsOf(int row) =>
        new(_logits.Address + ((long)_places[row] * Limits.VocabularySize), Limits.VocabularySize);

    /// <inheritdoc/>
    protected override ReadOnlySpan<float> HiddenOf(int row) =>
        new(_hidden.Address + ((long)_places[row] * Limits.HiddenSize), Limits.HiddenSize);

    /// <inheritdoc/>
    protected override void Reserve(int rows)
    {
        base.Reserve(rows);
        SampledRows.Ensure(rows);
        TopKRows.Ensure(rows);
        HiddenRows.Ensure(rows);
        GreedyTokens.Ensure(rows);
        if (rows > _places.Length)
            _places = new int[rows];
    }

    /// <summary>
    /// Gives each row its place among those that are wanted for the same. Where nothing is wanted for it, one row is gathered all the
    /// same.
    /// </summary>
    protected override void Arrange()
    {
        GreedyCount = SampledCount = TopKRowCount = TopKCount = HiddenCount = 0;
        SampledRows.Address[0] = TopKRows.Address[0] = HiddenRows.Address[0] = 0;
        for (int row = 0; row < RowCount; row++)
        {
            OutputRow want = WantOf(row);
            switch (want.Want)
            {
                case RowWant.Greedy:
                    GreedyCount++;
                    break;
                case RowWant.Logits:
                    SampledRows.Address[_places[row] = SampledCount++] = LogitsRowOf(row);
                    break;
                case RowWant.TopK:
                    TopKRows.Address[_places[row] = TopKRowCount++] = LogitsRowOf(row);
                    TopKCount = Math.Max(TopKCount, want.TopK);
                    break;
                default:
                    HiddenRows.Address[_places[row] = HiddenCount++] = row;
                    break;
            }
        }
        long logits = (long)SampledCount * Limits.VocabularySize, best = (long)TopKRowCount * TopKCount;
        long hidden = (long)HiddenCount * Limits.HiddenSize;
        SampledLogits.Ensure(logits);
        _logits.Ensure(logits);
        BestLogits.Ensure(best);
        BestTokens.Ensure(best);
        HiddenStates.Ensure(hidden);
        _hidden.Ensure(hidden);
    }

    private static InvalidOperationException NotNumbers() =>
        new("The model gave logits that are not numbers (NaN). Its weights are damaged, or the device computes them wrongly.");

    private void ReadBest(int row)
    {
        int start = _places[row] * TopKCount;
        Span<int> tokens = TopKTokensOf(row);
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] = Token(BestTokens.Address[start + i]);
        TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(BestLogits.Address + start, tokens.Length), TopKLogitsOf(row));
    }

    private int Token(long id) => (ulong)id < (ulong)Limits.VocabularySize ? (int)id : throw NotNumbers();
}
