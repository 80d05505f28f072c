namespace LocalInference.Engine.KvCache;

/// <summary>
/// The blocks that one step needs on top of what its sequences hold. Disposing gives them back unless the step was committed,
/// so that a step that throws cannot leak a block. One instance serves every step, one after the other.
/// </summary>
/// <param name="pool">Where the blocks come from.</param>
/// <param name="maxSequences">Sequences in a step at most.</param>
/// <remarks>Owned by the engine thread. Nothing allocates after construction.</remarks>
internal sealed class BlockReservation(BlockPool pool, int maxSequences) : IDisposable
{
    private readonly BlockTable[] _tables = new BlockTable[maxSequences];
    private readonly int[] _countsBefore = new int[maxSequences];
    private int _count;

    /// <summary>Grows a sequence's table to <paramref name="blockCount"/> blocks, or changes nothing.</summary>
    public bool TryGrow(BlockTable table, int blockCount)
    {
        int before = table.Count;
        if (!table.TryGrow(pool, blockCount)) return false;
        if (table.Count == before) return true;
        _tables[_count] = table;
        _countsBefore[_count++] = before;
        return true;
    }

    /// <summary>The step has been computed: its blocks stay with their sequences.</summary>
    public void Commit()
    {
        _tables.AsSpan(0, _count).Clear();
        _count = 0;
    }

    /// <summary>Gives back what was not committed.</summary>
    public void Dispose()
    {
        for (int i = _count - 1; i >= 0; i--) _tables[i].Shrink(pool, _countsBefore[i]);
        Commit();
    }
}
