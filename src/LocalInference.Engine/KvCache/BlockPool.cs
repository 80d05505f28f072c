namespace LocalInference.Engine.KvCache;

/// <summary>Which blocks of the cache are free. Only numbers: the blocks' memory belongs to the runner.</summary>
/// <remarks>Owned by the engine thread. Nothing allocates after construction.</remarks>
internal sealed class BlockPool
{
    private readonly int[] _free;
    private readonly bool[] _isTaken;

    /// <summary>Makes a pool of which every block is free.</summary>
    public BlockPool(int blockCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockCount, 1);
        _isTaken = new bool[blockCount];
        _free = new int[blockCount];
        // Low numbers are taken first: a quiet server touches few pages of the cache.
        for (int i = 0; i < blockCount; i++) _free[i] = blockCount - 1 - i;
        FreeCount = blockCount;
    }

    /// <summary>Blocks there are.</summary>
    public int BlockCount => _free.Length;

    /// <summary>Blocks nobody holds.</summary>
    public int FreeCount { get; private set; }

    /// <summary>Blocks somebody holds.</summary>
    public int UsedCount => BlockCount - FreeCount;

    /// <summary>The free blocks, for <see cref="CacheSnapshot"/>.</summary>
    public ReadOnlySpan<int> Free => _free.AsSpan(0, FreeCount);

    /// <summary>Takes a free block; its taker is its only holder.</summary>
    public bool TryTake(out int block)
    {
        block = FreeCount == 0 ? -1 : _free[--FreeCount];
        if (block < 0) return false;
        _isTaken[block] = true;
        return true;
    }

    /// <summary>Gives a block back.</summary>
    public void Release(int block)
    {
        if ((uint)block >= (uint)BlockCount || !_isTaken[block])
            throw new InvalidOperationException(
                $"Block {block} of a cache of {BlockCount} blocks has no holder: it was released twice or never taken.");
        _isTaken[block] = false;
        _free[FreeCount++] = block;
    }
}
