namespace LocalInference.Onnx.Kernels;

/// <summary>A unit's keys and values as the products take them: rows of 32-bit floats, or packed elements of 16 bits that are widened on the way.</summary>
internal readonly unsafe struct UnitPanels
{
    private const int LeastPackedRows = 4;

    // From the third query on, having widened once is less work than widening for each; the bits are the same.
    private const int MaxPackedQueries = 2;

    private UnitPanels(in KvUnit unit)
    {
        KeyScales = unit.KeyScales;
        ValueScales = unit.ValueScales;
    }

    /// <summary>Whether the packed ones hold, and not the others.</summary>
    public bool IsPacked { get; private init; }

    /// <summary>[head size, unit tokens].</summary>
    public Rows Keys { get; private init; }

    /// <summary>[unit tokens, padded head size].</summary>
    public Rows Values { get; private init; }

    /// <summary>[head size / 2, unit tokens].</summary>
    public PackedRows PackedKeys { get; private init; }

    /// <summary>[unit tokens / 2, padded head size].</summary>
    public PackedRows PackedValues { get; private init; }

    /// <summary>[unit tokens]; means nothing unless the cache has scales.</summary>
    public float* KeyScales { get; }

    /// <summary>The same for values.</summary>
    public float* ValueScales { get; }

    /// <summary>Takes a unit as it is, or widens it into a task's scratch.</summary>
    /// <param name="memory">The cache.</param>
    /// <param name="scratch">The task's.</param>
    /// <param name="group">Query heads that share a key head.</param>
    /// <param name="queries">Queries of the task.</param>
    /// <param name="reached">Tokens of the unit that any query of the task sees.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="next">What the task reads after it.</param>
    public static UnitPanels Of<TVector, TLanes>(
        AttentionMemory* memory, in AttentionScratch scratch, int group, int queries, int reached, in KvUnit unit, in KvUnit next)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        long keysAhead = next.Keys - unit.Keys, valuesAhead = next.Values - unit.Values;
        int padded = memory->PaddedHeadSize, width = (reached + 15) / 16 * 16;
        // The packed product is made for six rows and computes missing ones twice; for few, widening once is less work.
        if (memory->Packing == 2 && group >= LeastPackedRows && queries <= MaxPackedQueries)
            return new UnitPanels(in unit)
            {
                IsPacked = true,
                PackedKeys = new PackedRows(unit.Keys, memory->BlockTokens, keysAhead),
                PackedValues = new PackedRows(unit.Values, padded, valuesAhead),
            };
        return new UnitPanels(in unit)
        {
            Keys = KvPanel<TVector, TLanes>.Read(
                memory->Type, unit.Keys, memory->BlockTokens, memory->HeadSize, width, scratch.Keys, memory->UnitTokens, keysAhead),
            Values = KvPanel<TVector, TLanes>.Read(memory->Type, unit.Values, padded, reached, padded, scratch.Values, padded, valuesAhead),
        };
    }
}
