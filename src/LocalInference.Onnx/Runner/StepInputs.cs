using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Runner;

/// <summary>The step's description in native memory, as the served graph takes it. Checks what kernels trust.</summary>
internal sealed unsafe class StepInputs(RunnerCapabilities limits) : IDisposable
{
    private readonly int _blocksOfContext = limits.Kv.BlocksFor(limits.ContextTokens);

    /// <summary>
    /// New tokens of an entry at most; a sequence with more becomes several entries with the same blocks, each behind the one before. That
    /// gives the same result, since all keys and values of a step are in the cache before any query reads them.
    /// </summary>
    public int EntryTokens { get; set; } = int.MaxValue;

    /// <summary>Entries of the step: its sequences, unless some are divided.</summary>
    public int EntryCount { get; private set; }

    /// <summary>Token ids, [tokens].</summary>
    public HostTensor<long> Ids { get; } = new(OnnxNames.InputIds, OnnxTypes.Int64, limits.MaxStepTokens);

    /// <summary>Where entries begin, [entries + 1].</summary>
    public HostTensor<int> CumulativeLengths { get; } =
        new(OnnxNames.CumulativeSequenceLengths, OnnxTypes.Int32, limits.MaxSequences + 1);

    /// <summary>Tokens before them in the cache, [entries].</summary>
    public HostTensor<int> PastLengths { get; } = new(OnnxNames.PastSequenceLengths, OnnxTypes.Int32, limits.MaxSequences);

    /// <summary>Blocks, [entries, blocks of a full context], so that the shape changes only with the number of entries.</summary>
    public HostTensor<int> BlockTable { get; } =
        new(OnnxNames.BlockTable, OnnxTypes.Int32, (long)limits.MaxSequences * limits.Kv.BlocksFor(limits.ContextTokens));

    /// <summary>All of them, as the graph's inputs.</summary>
    public IEnumerable<IHostTensor> Tensors => [Ids, CumulativeLengths, PastLengths, BlockTable];

    /// <summary>Takes over a batch.</summary>
    /// <exception cref="ArgumentException">It is empty, or goes beyond the runner's limits.</exception>
    public void Fill(StepBatch batch)
    {
        if (batch.TokenCount == 0 || batch.TokenCount > limits.MaxStepTokens || batch.SequenceCount > limits.MaxSequences)
            throw new ArgumentException(
                $"A step of {batch.TokenCount} tokens of {batch.SequenceCount} sequences is outside the runner's limits: "
                + $"1 to {limits.MaxStepTokens} tokens, at most {limits.MaxSequences} sequences.",
                nameof(batch));
        FillIds(batch.TokenIds);
        Reserve(batch);
        EntryCount = 0;
        CumulativeLengths.Address[0] = 0;
        for (int sequence = 0; sequence < batch.SequenceCount; sequence++)
            FillSequence(batch, sequence);
        Ids.Shape(batch.TokenCount);
        CumulativeLengths.Shape(EntryCount + 1);
        PastLengths.Shape(EntryCount);
        BlockTable.Shape(EntryCount, _blocksOfContext);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IHostTensor tensor in Tensors)
            tensor.Dispose();
    }

    private void FillIds(ReadOnlySpan<int> ids)
    {
        long* to = Ids.Address;
        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)limits.VocabularySize)
                throw new ArgumentException(
                    $"Token {i} of the step has the id {ids[i]}; the model knows 0 to {limits.VocabularySize - 1}.");
            to[i] = ids[i];
        }
    }

    private void Reserve(StepBatch batch)
    {
        if (EntryTokens == int.MaxValue)
            return;
        long entries = batch.SequenceCount + (batch.TokenCount / EntryTokens);
        CumulativeLengths.Ensure(entries + 1);
        PastLengths.Ensure(entries);
        BlockTable.Ensure(entries * _blocksOfContext);
    }

    private void FillSequence(StepBatch batch, int sequence)
    {
        int tokens = batch.PastLengths[sequence] + batch.CumulativeLengths[sequence + 1] - batch.CumulativeLengths[sequence];
        ReadOnlySpan<int> blocks = batch.Blocks(sequence);
        int needed = limits.Kv.BlocksFor(tokens);
        if (batch.PastLengths[sequence] < 0 || tokens > limits.ContextTokens)
            throw new ArgumentException(
                $"Sequence {sequence} of the step has {batch.PastLengths[sequence]} tokens in the cache and {tokens} with the new ones; "
                + $"allowed: 0 or more, and at most {limits.ContextTokens}.");
        if (blocks.Length < needed)
            throw new ArgumentException($"Sequence {sequence} of the step has {blocks.Length} blocks; its {tokens} tokens take {needed}.");
        foreach (int block in blocks[..needed])
            if ((uint)block >= (uint)limits.BlockCount)
                throw new ArgumentException(
                    $"Sequence {sequence} of the step names block {block}; the cache has 0 to {limits.BlockCount - 1}.");
        int end = batch.CumulativeLengths[sequence + 1];
        for (int start = batch.CumulativeLengths[sequence]; start < end; start = CumulativeLengths.Address[EntryCount])
        {
            PastLengths.Address[EntryCount] = tokens - (end - start);
            blocks[..needed].CopyTo(new Span<int>(BlockTable.Address + ((long)EntryCount * _blocksOfContext), needed));
            CumulativeLengths.Address[++EntryCount] = end - start > EntryTokens ? start + EntryTokens : end;
        }
    }
}
