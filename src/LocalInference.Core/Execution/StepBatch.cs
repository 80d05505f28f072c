namespace LocalInference.Core.Execution;

/// <summary>What is wanted of one row of a step.</summary>
public enum RowWant
{
    /// <summary>Only the likeliest token.</summary>
    Greedy,

    /// <summary>The likeliest few with their logits.</summary>
    TopK,

    /// <summary>All logits.</summary>
    Logits,

    /// <summary>The final hidden state; does not go through the LM head.</summary>
    Hidden,
}

/// <summary>A row of a step that somebody wants something of.</summary>
/// <param name="TokenIndex">Which of the step's tokens.</param>
/// <param name="Want">What is wanted.</param>
/// <param name="TopK">How many, for <see cref="RowWant.TopK"/>; at least 1.</param>
public readonly record struct OutputRow(int TokenIndex, RowWant Want, int TopK = 0);

/// <summary>
/// One step's input: the new tokens of all its sequences, one sequence after the other, prefill chunks and decode rows mixed.
/// All arrays are allocated once, for the largest step; <see cref="Clear"/> and refill. Not thread-safe.
/// </summary>
public sealed class StepBatch
{
    private readonly int[] _tokenIds;
    private readonly int[] _cumulativeLengths;
    private readonly int[] _pastLengths;
    private readonly int[] _blockTable;
    private readonly int[] _blockCounts;
    private readonly OutputRow[] _rows;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="maxTokens">New tokens at most.</param>
    /// <param name="maxSequences">Sequences at most.</param>
    /// <param name="maxBlocks">Blocks of one sequence at most.</param>
    public StepBatch(int maxTokens, int maxSequences, int maxBlocks)
    {
        MaxTokens = maxTokens;
        MaxSequences = maxSequences;
        MaxBlocks = maxBlocks;
        _tokenIds = new int[maxTokens];
        _cumulativeLengths = new int[maxSequences + 1];
        _pastLengths = new int[maxSequences];
        _blockCounts = new int[maxSequences];
        _blockTable = new int[maxSequences * maxBlocks];
        _rows = new OutputRow[maxTokens];
    }

    /// <summary>New tokens at most.</summary>
    public int MaxTokens { get; }

    /// <summary>Sequences at most.</summary>
    public int MaxSequences { get; }

    /// <summary>Blocks of one sequence at most.</summary>
    public int MaxBlocks { get; }

    /// <summary>New tokens in this step.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Sequences in this step.</summary>
    public int SequenceCount { get; private set; }

    /// <summary>Rows wanted of this step.</summary>
    public int RowCount { get; private set; }

    /// <summary>The new tokens; [token count].</summary>
    public ReadOnlySpan<int> TokenIds => _tokenIds.AsSpan(0, TokenCount);

    /// <summary>Where each sequence's tokens begin; [sequence count + 1], from 0 to the token count.</summary>
    public ReadOnlySpan<int> CumulativeLengths => _cumulativeLengths.AsSpan(0, SequenceCount + 1);

    /// <summary>Tokens already in the cache; [sequence count].</summary>
    public ReadOnlySpan<int> PastLengths => _pastLengths.AsSpan(0, SequenceCount);

    /// <summary>Rows wanted, in the order they were added.</summary>
    public ReadOnlySpan<OutputRow> Rows => _rows.AsSpan(0, RowCount);

    /// <summary>A sequence's blocks, first to last.</summary>
    public ReadOnlySpan<int> Blocks(int sequence) => _blockTable.AsSpan(sequence * MaxBlocks, _blockCounts[sequence]);

    /// <summary>Empties the batch.</summary>
    public void Clear() => TokenCount = SequenceCount = RowCount = 0;

    /// <summary>Adds a sequence's next tokens.</summary>
    /// <param name="tokenIds">At least one.</param>
    /// <param name="pastLength">Tokens of the sequence already in the cache.</param>
    /// <param name="blocks">Its blocks, with room for past and new tokens.</param>
    /// <returns>The step's index of the first of these tokens.</returns>
    /// <exception cref="InvalidOperationException">More than the batch holds.</exception>
    public int Add(ReadOnlySpan<int> tokenIds, int pastLength, ReadOnlySpan<int> blocks)
    {
        if (tokenIds.IsEmpty || TokenCount + tokenIds.Length > MaxTokens || SequenceCount == MaxSequences || blocks.Length > MaxBlocks)
            throw new InvalidOperationException(
                $"A sequence of {tokenIds.Length} tokens in {blocks.Length} blocks does not fit a step that holds "
                + $"{TokenCount} of {MaxTokens} tokens, {SequenceCount} of {MaxSequences} sequences, {MaxBlocks} blocks each.");
        int first = TokenCount;
        tokenIds.CopyTo(_tokenIds.AsSpan(first));
        blocks.CopyTo(_blockTable.AsSpan(SequenceCount * MaxBlocks));
        _blockCounts[SequenceCount] = blocks.Length;
        _pastLengths[SequenceCount] = pastLength;
        TokenCount += tokenIds.Length;
        _cumulativeLengths[++SequenceCount] = TokenCount;
        return first;
    }

    /// <summary>Asks for a row.</summary>
    /// <returns>The row's index in the step's result.</returns>
    public int Want(OutputRow row)
    {
        if ((uint)row.TokenIndex >= (uint)TokenCount)
            throw new InvalidOperationException($"Row of token {row.TokenIndex} is wanted of a step of {TokenCount} tokens.");
        _rows[RowCount] = row;
        return RowCount++;
    }
}
