using LocalInference.Core.Execution;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Runner;

/// <summary>The step's description in native memory, as the served graph takes it. Checks what kernels trust.</summary>
internal sealed unsafe class StepInputs(RunnerCapabilities limits) : IDisposable
{
    private readonly int _blocksOfContext = limits.Kv.BlocksFor(limits.ContextTokens);

    /// <summary>Token ids, [tokens].</summary>
    public NativeBuffer<long> Ids { get; } = new(limits.MaxStepTokens);

    /// <summary>Where sequences begin, [sequences + 1].</summary>
    public NativeBuffer<int> CumulativeLengths { get; } = new(limits.MaxSequences + 1);

    /// <summary>Tokens in the cache, [sequences].</summary>
    public NativeBuffer<int> PastLengths { get; } = new(limits.MaxSequences);

    /// <summary>Blocks, [sequences, <see cref="TableWidth"/>].</summary>
    public NativeBuffer<int> BlockTable { get; } = new((long)limits.MaxSequences * limits.Kv.BlocksFor(limits.ContextTokens));

    /// <summary>Columns of the block table: those of a full context, so that its shape changes only with the number of sequences.</summary>
    public int TableWidth => _blocksOfContext;

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
        batch.CumulativeLengths.CopyTo(CumulativeLengths.Span(batch.SequenceCount + 1));
        batch.PastLengths.CopyTo(PastLengths.Span(batch.SequenceCount));
        for (int sequence = 0; sequence < batch.SequenceCount; sequence++)
            FillBlocks(batch, sequence);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        CumulativeLengths.Dispose();
        PastLengths.Dispose();
        BlockTable.Dispose();
    }

    private void FillIds(ReadOnlySpan<int> ids)
    {
        long* to = Ids.Address;
        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)limits.VocabularySize)
                throw new ArgumentException($"Token {i} of the step has the id {ids[i]}; the model knows 0 to {limits.VocabularySize - 1}.");
            to[i] = ids[i];
        }
    }

    private void FillBlocks(StepBatch batch, int sequence)
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
                throw new ArgumentException($"Sequence {sequence} of the step names block {block}; the cache has 0 to {limits.BlockCount - 1}.");
        blocks[..needed].CopyTo(new Span<int>(BlockTable.Address + ((long)sequence * _blocksOfContext), needed));
    }
}
