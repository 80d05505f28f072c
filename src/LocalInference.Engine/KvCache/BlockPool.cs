namespace LocalInference.Engine.KvCache;

/// <summary>
/// Which blocks of the cache are free and how many holders each other one has. Only counts: the blocks' memory belongs to the runner.
/// Blocks carry reference counts, not owners, so that one block can be part of several sequences once prefixes are shared.
/// </summary>
/// <remarks>Owned by the engine thread. Nothing allocates after construction.</remarks>
internal sealed class BlockPool
{
    private readonly int[] _free;
    private readonly int[] _references;

    /// <summary>Makes a pool of which every block is free.</summary>
    public BlockPool(int blockCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockCount, 1);
        _references = new int[blockCount];
        _free = new int[blockCount];
        // Low numbers are taken first: a quiet server touches few pages of the cache.
        for (int i = 0; i < blockCount; i++) _free[i] = blockCount - 1 - i;
        FreeCount = blockCount;
    }

    /// <summary>Blocks there are.</summary>
    public int BlockCount => _references.Length;

    /// <summary>Blocks nobody holds.</summary>
    public int FreeCount { get; private set; }

    /// <summary>Blocks somebody holds.</summary>
    public int UsedCount => BlockCount - FreeCount;

    /// <summary>The free blocks, for <see cref="CacheSnapshot"/>.</summary>
    public ReadOnlySpan<int> Free => _free.AsSpan(0, FreeCount);

    /// <summary>Holders of each block, for <see cref="CacheSnapshot"/>.</summary>
    public ReadOnlySpan<int> References => _references;

    /// <summary>Takes a free block; its taker is its only holder.</summary>
    public bool TryTake(out int block)
    {
        if (FreeCount == 0)
        {
            block = -1;
            return false;
        }
        block = _free[--FreeCount];
        _references[block] = 1;
        return true;
    }

    /// <summary>Adds a holder to a block that has one.</summary>
    public void Share(int block)
    {
        ThrowIfFree(block);
        _references[block]++;
    }

    /// <summary>Takes a holder away; the last one's leaving frees the block.</summary>
    public void Release(int block)
    {
        ThrowIfFree(block);
        if (--_references[block] == 0) _free[FreeCount++] = block;
    }

    private void ThrowIfFree(int block)
    {
        if ((uint)block >= (uint)BlockCount || _references[block] == 0)
            throw new InvalidOperationException($"Block {block} of a cache of {BlockCount} blocks has no holder: it was released twice or never taken.");
    }
}
