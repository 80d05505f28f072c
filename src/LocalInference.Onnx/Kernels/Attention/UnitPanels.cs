namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>A unit's keys and values as the products take them.</summary>
internal readonly unsafe struct UnitPanels
{
    private UnitPanels(Rows keys, Rows values, float* keyScales, float* valueScales)
    {
        Keys = keys;
        Values = values;
        KeyScales = keyScales;
        ValueScales = valueScales;
    }

    /// <summary>[head size / elements of a lane, unit tokens].</summary>
    public Rows Keys { get; }

    /// <summary>[unit tokens / elements of a lane, padded head size].</summary>
    public Rows Values { get; }

    /// <summary>[unit tokens]; null unless the cache has scales.</summary>
    public float* KeyScales { get; }

    /// <summary>The same for values.</summary>
    public float* ValueScales { get; }

    /// <summary>Takes a unit as it is, or widens it into a task's scratch.</summary>
    /// <param name="memory">The cache.</param>
    /// <param name="scratch">The task's.</param>
    /// <param name="reached">Tokens of the unit that any query of the task sees.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="next">What the task reads after it.</param>
    public static UnitPanels Of<TVector, TLanes>(AttentionMemory* memory, in AttentionScratch scratch, int reached, in KvUnit unit, in KvUnit next)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        // What products take as it is, is fetched just before it is read: values while the keys are, then the next unit's keys. Widening reads both at once.
        bool isWidened = memory->IsWidened;
        long keysAhead = (isWidened ? next.Keys : unit.Values) - unit.Keys, valuesAhead = (isWidened ? next.Values : next.Keys) - unit.Values;
        int padded = memory->PaddedHeadSize, width = (reached + 15) / 16 * 16;
        return new UnitPanels(
            KvPanel<TVector, TLanes>.Read(
                memory, unit.Keys, memory->BlockTokens, memory->HeadSize, width, scratch.Keys, memory->UnitTokens, keysAhead),
            KvPanel<TVector, TLanes>.Read(memory, unit.Values, padded, reached, padded, scratch.Values, padded, valuesAhead),
            memory->HasIntegers ? unit.KeyScales : null,
            memory->HasIntegers ? unit.ValueScales : null);
    }

    /// <summary>The same, nothing fetched on the way: it was, for an earlier query.</summary>
    public UnitPanels WithoutAhead() => new(Keys.WithoutAhead(), Values.WithoutAhead(), KeyScales, ValueScales);
}
