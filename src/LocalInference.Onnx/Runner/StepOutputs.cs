using LocalInference.Core.Execution;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Which rows the graph computes, where they land, and what is read off them. Buffers grow with the largest step that was asked for and stay.
/// </summary>
/// <param name="limits">The runner's.</param>
/// <param name="isDisposed">Whether the native memory is gone.</param>
internal sealed unsafe class StepOutputs(RunnerCapabilities limits, Func<bool> isDisposed) : IStepResult, IDisposable
{
    private int[] _greedyTokens = new int[limits.MaxSequences];
    private int[] _logitsRows = new int[limits.MaxSequences];
    private OutputRow[] _wants = new OutputRow[limits.MaxSequences];
    private int[] _topKStarts = new int[limits.MaxSequences + 1];
    private int[] _topKTokens = new int[limits.MaxSequences];
    private float[] _topKLogits = new float[limits.MaxSequences];
    private int _rowCount;

    /// <summary>Which tokens of the step are wanted, [<see cref="OutputRowCount"/>].</summary>
    public NativeBuffer<int> OutputRows { get; } = new(limits.MaxSequences);

    /// <summary>Which of those go through the LM head, [<see cref="LogitsRowCount"/>].</summary>
    public NativeBuffer<int> LogitsRows { get; } = new(limits.MaxSequences);

    /// <summary>[<see cref="OutputRowCount"/>, hidden size].</summary>
    public NativeBuffer<float> HiddenStates { get; } = new((long)limits.MaxSequences * limits.HiddenSize);

    /// <summary>[<see cref="LogitsRowCount"/>, vocabulary size].</summary>
    public NativeBuffer<float> AllLogits { get; } = new((long)limits.MaxSequences * limits.VocabularySize);

    /// <summary>Rows behind the last attention.</summary>
    public int OutputRowCount { get; private set; }

    /// <summary>Rows behind the LM head.</summary>
    public int LogitsRowCount { get; private set; }

    /// <summary>Notes what a batch wants. One row is computed even when none is wanted: operators of zero rows are nobody's tested path.</summary>
    /// <exception cref="ArgumentException">A row wants none or more tokens than there are.</exception>
    public void Plan(StepBatch batch)
    {
        _rowCount = 0;
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
                    : throw new ArgumentException($"Row {row} of the step wants the likeliest {want.TopK} tokens; allowed: 1 to {limits.VocabularySize}.");
        }
        _topKStarts[batch.RowCount] = topK;
        ReserveTopK(topK);
        OutputRowCount = Math.Max(batch.RowCount, 1);
        LogitsRowCount = Math.Max(logits, 1);
        if (batch.RowCount == 0)
            OutputRows.Address[0] = batch.TokenCount - 1;
        if (logits == 0)
            LogitsRows.Address[0] = 0;
        _rowCount = batch.RowCount;
    }

    /// <summary>Reads off what costs a pass over the logits, after a run.</summary>
    public void Select()
    {
        for (int row = 0; row < _rowCount; row++)
            if (_wants[row].Want == RowWant.TopK)
                TopKSelector.Select(LogitsOf(row), _topKTokens.AsSpan(_topKStarts[row], _wants[row].TopK), _topKLogits.AsSpan(_topKStarts[row], _wants[row].TopK));
            else if (_wants[row].Want == RowWant.Greedy)
                _greedyTokens[row] = TopKSelector.Likeliest(LogitsOf(row));
    }

    /// <summary>Forgets the step: after a failed run there is nothing to read.</summary>
    public void Forget() => _rowCount = 0;

    /// <inheritdoc/>
    public int GreedyToken(int row)
    {
        Require(row, RowWant.Greedy);
        return _greedyTokens[row];
    }

    /// <inheritdoc/>
    public ReadOnlySpan<int> TopKTokens(int row)
    {
        Require(row, RowWant.TopK);
        return _topKTokens.AsSpan(_topKStarts[row], _wants[row].TopK);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> TopKLogits(int row)
    {
        Require(row, RowWant.TopK);
        return _topKLogits.AsSpan(_topKStarts[row], _wants[row].TopK);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Logits(int row)
    {
        Require(row, RowWant.Logits);
        return LogitsOf(row);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Hidden(int row)
    {
        Require(row, RowWant.Hidden);
        return new ReadOnlySpan<float>(HiddenStates.Address + ((long)row * limits.HiddenSize), limits.HiddenSize);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        OutputRows.Dispose();
        LogitsRows.Dispose();
        HiddenStates.Dispose();
        AllLogits.Dispose();
    }

    private ReadOnlySpan<float> LogitsOf(int row) => new(AllLogits.Address + ((long)_logitsRows[row] * limits.VocabularySize), limits.VocabularySize);

    private void Require(int row, RowWant want)
    {
        ObjectDisposedException.ThrowIf(isDisposed(), typeof(IModelRunner));
        if ((uint)row >= (uint)_rowCount)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The step has {_rowCount} rows.");
        if (_wants[row].Want != want)
            throw new InvalidOperationException($"Row {row} of the step was asked for {_wants[row].Want}, not for {want}.");
    }

    private void Reserve(int rows)
    {
        OutputRows.Ensure(rows);
        LogitsRows.Ensure(rows);
        HiddenStates.Ensure((long)rows * limits.HiddenSize);
        AllLogits.Ensure((long)rows * limits.VocabularySize);
        if (rows <= _wants.Length)
            return;
        _wants = new OutputRow[rows];
        _greedyTokens = new int[rows];
        _logitsRows = new int[rows];
        _topKStarts = new int[rows + 1];
    }

    private void ReserveTopK(int count)
    {
        if (count <= _topKTokens.Length)
            return;
        _topKTokens = new int[count * 2];
        _topKLogits = new float[count * 2];
    }
}
