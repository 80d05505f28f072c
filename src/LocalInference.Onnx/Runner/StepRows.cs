using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Which rows of a step the graph computes, and what was read off them. Where logits and hidden states land is the device's matter. Buffers
/// grow with the largest step that was asked for and stay.
/// </summary>
/// <param name="limits">The runner's.</param>
internal abstract unsafe class StepRows(RunnerCapabilities limits) : IStepResult, IDisposable
{
    private int[] _greedyTokens = new int[limits.MaxSequences];
    private int[] _logitsRows = new int[limits.MaxSequences];
    private OutputRow[] _wants = new OutputRow[limits.MaxSequences];
    private int[] _topKStarts = new int[limits.MaxSequences + 1];
    private int[] _topKTokens = new int[limits.MaxSequences];
    private float[] _topKLogits = new float[limits.MaxSequences];
    private bool _isDisposed;

    /// <summary>Which tokens of the step are wanted, [rows behind the last attention].</summary>
    public HostTensor<int> OutputRows { get; } = new(OnnxNames.OutputRows, OnnxTypes.Int32, limits.MaxSequences);

    /// <summary>Which of those go through the LM head, [rows behind it].</summary>
    public HostTensor<int> LogitsRows { get; } = new(OnnxNames.LogitsRows, OnnxTypes.Int32, limits.MaxSequences);

    /// <summary>What chooses rows, as the graph's inputs.</summary>
    public virtual IEnumerable<IHostTensor> Choices => [OutputRows, LogitsRows];

    /// <summary>Where results come, as the graph's outputs.</summary>
    public abstract IEnumerable<IHostTensor> Results { get; }

    /// <summary>The runner's limits.</summary>
    protected RunnerCapabilities Limits => limits;

    /// <summary>Rows that can be read.</summary>
    protected int RowCount { get; private set; }

    /// <summary>
    /// Notes what a batch wants. One row is computed even when none is wanted: operators of zero rows are nobody's tested path.
    /// </summary>
    /// <exception cref="ArgumentException">A row wants none or more tokens than there are.</exception>
    public void Plan(StepBatch batch)
    {
        RowCount = 0;
        Reserve(Math.Max(batch.RowCount, 1));
        batch.Rows.CopyTo(_wants);
        int logits = 0, topK = 0;
        for (int row = 0; row < batch.RowCount; row++)
        {
            OutputRow want = _wants[row];
            OutputRows.Address[row] = want.TokenIndex;
            _topKStarts[row] = topK;
            if (want.Want == RowWant.Hidden)
                continue;
            _logitsRows[row] = logits;
            LogitsRows.Address[logits++] = row;
            if (want.Want == RowWant.TopK)
                topK += want.TopK >= 1 && want.TopK <= limits.VocabularySize
                    ? want.TopK
                    : throw new ArgumentException(
                        $"Row {row} of the step wants the likeliest {want.TopK} tokens; allowed: 1 to {limits.VocabularySize}.");
        }
        _topKStarts[batch.RowCount] = topK;
        ReserveTopK(topK);
        OutputRows.Shape(Math.Max(batch.RowCount, 1));
        LogitsRows.Shape(Math.Max(logits, 1));
        if (batch.RowCount == 0)
            OutputRows.Address[0] = batch.TokenCount - 1;
        if (logits == 0)
            LogitsRows.Address[0] = 0;
        RowCount = batch.RowCount;
        Arrange();
    }

    /// <summary>Reads off what rows are wanted for, after a run.</summary>
    public abstract void Select();

    /// <summary>Forgets the step: after a failed run there is nothing to read.</summary>
    public void Forget() => RowCount = 0;

    /// <inheritdoc/>
    public int GreedyToken(int row) => _greedyTokens[Require(row, RowWant.Greedy)];

    /// <inheritdoc/>
    public ReadOnlySpan<int> TopKTokens(int row) => TopKTokensOf(Require(row, RowWant.TopK));

    /// <inheritdoc/>
    public ReadOnlySpan<float> TopKLogits(int row) => TopKLogitsOf(Require(row, RowWant.TopK));

    /// <inheritdoc/>
    public ReadOnlySpan<float> Logits(int row) => LogitsOf(Require(row, RowWant.Logits));

    /// <inheritdoc/>
    public ReadOnlySpan<float> Hidden(int row) => HiddenOf(Require(row, RowWant.Hidden));

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _isDisposed = true;
        foreach (IHostTensor tensor in Choices.Concat(Results))
            tensor.Dispose();
    }

    /// <summary>Makes room for the results of a step whose rows have been planned.</summary>
    protected abstract void Arrange();

    /// <summary>What a row is wanted for.</summary>
    protected OutputRow WantOf(int row) => _wants[row];

    /// <summary>A row's place among those behind the LM head.</summary>
    protected int LogitsRowOf(int row) => _logitsRows[row];

    /// <summary>Notes a greedy row's token.</summary>
    protected void SetGreedyToken(int row, int token) => _greedyTokens[row] = token;

    /// <summary>Room for a row's likeliest tokens.</summary>
    protected Span<int> TopKTokensOf(int row) => _topKTokens.AsSpan(_topKStarts[row], _wants[row].TopK);

    /// <summary>Room for their logits.</summary>
    protected Span<float> TopKLogitsOf(int row) => _topKLogits.AsSpan(_topKStarts[row], _wants[row].TopK);

    /// <summary>All logits of a row that wants them.</summary>
    protected abstract ReadOnlySpan<float> LogitsOf(int row);

    /// <summary>The hidden state of a row that wants it.</summary>
    protected abstract ReadOnlySpan<float> HiddenOf(int row);

    /// <summary>Makes room for so many rows.</summary>
    protected virtual void Reserve(int rows)
    {
        OutputRows.Ensure(rows);
        LogitsRows.Ensure(rows);
        if (rows <= _wants.Length)
            return;
        _wants = new OutputRow[rows];
        _greedyTokens = new int[rows];
        _logitsRows = new int[rows];
        _topKStarts = new int[rows + 1];
    }

    /// <summary>The row itself, if it can be read as that.</summary>
    private int Require(int row, RowWant want)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(IModelRunner));
        if ((uint)row >= (uint)RowCount)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The step has {RowCount} rows.");
        if (_wants[row].Want != want)
            throw new InvalidOperationException($"Row {row} of the step was asked for {_wants[row].Want}, not for {want}.");
        return row;
    }

    private void ReserveTopK(int count)
    {
        if (count <= _topKTokens.Length)
            return;
        _topKTokens = new int[count * 2];
        _topKLogits = new float[count * 2];
    }
}
