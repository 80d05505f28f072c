namespace LocalInference.Engine.KvCache;

/// <summary>The blocks of one sequence, first to last. They are nobody else's.</summary>
/// <param name="capacity">Blocks of the sequence at its longest, so that growing never allocates.</param>
/// <remarks>Owned by the engine thread.</remarks>
internal sealed class BlockTable(int capacity)
{
    private readonly int[] _blocks = new int[capacity];

    /// <summary>Blocks held.</summary>
    public int Count { get; private set; }

    /// <summary>The blocks held.</summary>
    public ReadOnlySpan<int> Blocks => _blocks.AsSpan(0, Count);

    /// <summary>Takes blocks from the pool until there are <paramref name="count"/>; all or none.</summary>
    public bool TryGrow(BlockPool pool, int count)
    {
        if (count - Count > pool.FreeCount) return false;
        while (Count < count && pool.TryTake(out int block)) _blocks[Count++] = block;
        return true;
    }

    /// <summary>Gives blocks back, the last first, until there are <paramref name="count"/>.</summary>
    public void Shrink(BlockPool pool, int count)
    {
        while (Count > count) pool.Release(_blocks[--Count]);
    }
}
