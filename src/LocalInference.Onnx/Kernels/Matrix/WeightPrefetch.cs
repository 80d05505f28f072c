namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>How far ahead of use a kernel asks for its weights, and where to.</summary>
/// <param name="Bytes">Ahead in the stream.</param>
/// <param name="Into">Which cache.</param>
internal readonly record struct WeightPrefetch(int Bytes, PrefetchInto Into)
{
    private const int FewRows = 8;
    private const int FewestRows = 2;

    /// <summary>What helps most by measurement; ratios are of the speed of a product whose weights come from memory.</summary>
    /// <param name="rows">Rows of the kernel.</param>
    /// <param name="firstLevelBytes">The first-level cache for data.</param>
    /// <returns>Null where asking costs more than it brings.</returns>
    public static WeightPrefetch? For(int rows, int firstLevelBytes) => rows switch
    {
        // Computing takes longer than reading, and several groups of rows come back to a tile: 8 rows 30 → 22.5 ms with it, and 4.6 to 18 KB are alike.
        > FewRows => new WeightPrefetch(9216, PrefetchInto.FirstLevel),
        // Memory is the limit, a step comes by only once, and some kilobytes fit beside the activations of 8 rows (15 KB for a tile of 1,536 inputs):
        // 1 row 1.03 to 1.13 times nothing, 3 to 8 rows 1.10 to 1.15 times the second level's 18 KB and 1.03 to 1.07 times the first level's 9 KB (Zen 5);
        // 6 to 16 KB are alike, 3 and 24 KB slower.
        _ when firstLevelBytes >= FirstLevelCache.RoomyBytes => new WeightPrefetch(10240, PrefetchInto.FirstLevelOnce),
        // The first level is too small, so twice as far ahead into the second: 4 rows 145 → 172 tokens/s, 8 rows 178 → 180 (Zen 4).
        > FewestRows => new WeightPrefetch(18432, PrefetchInto.SecondLevel),
        // There the processor's own foresight reads a single stream best, and asking costs: 1 row 46 → 60 tokens/s without, 2 rows 96 → 106 (Zen 4).
        _ => null,
    };
}

/// <summary>Where prefetched memory goes.</summary>
internal enum PrefetchInto
{
    /// <summary>The first level.</summary>
    FirstLevel,

    /// <summary>The first level, past the others: what is read once is not kept.</summary>
    FirstLevelOnce,

    /// <summary>The second level.</summary>
    SecondLevel,
}
