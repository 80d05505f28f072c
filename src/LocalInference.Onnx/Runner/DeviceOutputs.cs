using System.Numerics.Tensors;
using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
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

    /// <summary>Which rows behind the LM head give all their logits; one of them at least is gathered.</summary>
    public HostTensor<int> SampledRows { get; } = new(OnnxNames.SampledRows, OnnxTypes.Int32, limits.MaxSequences);

    /// <summary>Which give their likeliest tokens; one at least.</summary>
    public HostTensor<int> TopKRows { get; } = new(OnnxNames.TopKRows, OnnxTypes.Int32, limits.MaxSequences);

    /// <summary>Which rows behind the last layer give their hidden state; one at least.</summary>
    public HostTensor<int> HiddenRows { get; } = new(OnnxNames.HiddenRows, OnnxTypes.Int32, limits.MaxSequences);

    /// <summary>[logits rows], where any row wants only its token.</summary>
    public HostTensor<long> GreedyTokens { get; } = new(OnnxNames.GreedyTokens, OnnxTypes.Int64, limits.MaxSequences);

    /// <summary>[rows that want all logits, vocabulary size].</summary>
    public HostTensor<Half> SampledLogits { get; } = new(OnnxNames.Logits, OnnxTypes.Float16, limits.VocabularySize);

    /// <summary>[rows that want their likeliest tokens, <see cref="TopKCount"/>].</summary>
    public HostTensor<long> BestTokens { get; } = new(OnnxNames.TopKTokens, OnnxTypes.Int64, limits.MaxSequences);

    /// <summary>As <see cref="BestTokens"/>.</summary>
    public HostTensor<Half> BestLogits { get; } = new(OnnxNames.TopKLogits, OnnxTypes.Float16, limits.MaxSequences);

    /// <summary>[rows that want it, hidden size].</summary>
    public HostTensor<Half> HiddenStates { get; } = new(OnnxNames.Hidden, OnnxTypes.Float16, limits.HiddenSize);

    /// <summary>The most tokens that any row wants.</summary>
    public int TopKCount { get; private set; }

    /// <inheritdoc/>
    public override IEnumerable<IHostTensor> Choices => [.. base.Choices, HiddenRows, SampledRows, TopKRows];

    /// <inheritdoc/>
    public override IEnumerable<IHostTensor> Results => [GreedyTokens, SampledLogits, BestLogits, BestTokens, HiddenStates];

    /// <inheritdoc/>
    public override void Select()
    {
        TensorPrimitives.ConvertToSingle(SampledLogits.Values, _logits.Span(SampledLogits.Values.Length));
        TensorPrimitives.ConvertToSingle(HiddenStates.Values, _hidden.Span(HiddenStates.Values.Length));
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
        _logits.Dispose();
        _hidden.Dispose();
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
        if (rows > _places.Length)
            _places = new int[rows];
    }

    /// <summary>
    /// Gives each row its place among those that are wanted for the same. Where nothing is wanted for it, one row is gathered all the
    /// same.
    /// </summary>
    protected override void Arrange()
    {
        int greedy = 0, sampled = 0, best = 0, hidden = 0;
        TopKCount = 0;
        SampledRows.Address[0] = TopKRows.Address[0] = HiddenRows.Address[0] = 0;
        for (int row = 0; row < RowCount; row++)
        {
            OutputRow want = WantOf(row);
            switch (want.Want)
            {
                case RowWant.Greedy:
                    greedy++;
                    break;
                case RowWant.Logits:
                    SampledRows.Address[_places[row] = sampled++] = LogitsRowOf(row);
                    break;
                case RowWant.TopK:
                    TopKRows.Address[_places[row] = best++] = LogitsRowOf(row);
                    TopKCount = Math.Max(TopKCount, want.TopK);
                    break;
                default:
                    HiddenRows.Address[_places[row] = hidden++] = row;
                    break;
            }
        }
        SampledRows.Shape(Math.Max(sampled, 1));
        TopKRows.Shape(Math.Max(best, 1));
        HiddenRows.Shape(Math.Max(hidden, 1));
        GreedyTokens.Shape(greedy > 0 ? LogitsRows.Rows : 0);
        SampledLogits.Shape(sampled, Limits.VocabularySize);
        BestTokens.Shape(best, TopKCount);
        BestLogits.Shape(best, TopKCount);
        HiddenStates.Shape(hidden, Limits.HiddenSize);
        _logits.Ensure((long)sampled * Limits.VocabularySize);
        _hidden.Ensure((long)hidden * Limits.HiddenSize);
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
