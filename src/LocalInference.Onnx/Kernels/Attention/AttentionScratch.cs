
namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>A task's working memory, cut from its stack; every array begins at a cache line, since vectors that straddle two cost twice.</summary>
internal readonly unsafe struct AttentionScratch
{
    private const int LineFloats = 16;

    /// <summary>Cuts.</summary>
    /// <param name="stack">At least <see cref="Bytes"/>.</param>
    /// <param name="memory">Tells sizes.</param>
    /// <param name="heads">Query heads of the tile.</param>
    /// <param name="group">Query heads of one query.</param>
    public AttentionScratch(byte* stack, AttentionMemory* memory, int heads, int group)
    {
        float* next = (float*)(((nint)stack + 63) & ~(nint)63);
        Queries = Take(ref next, heads * memory->HeadSize);
        Total = new Partial(Take(ref next, Partial.FloatsOf(heads, memory->PaddedHeadSize)), heads, memory->PaddedHeadSize);
        Scores = Take(ref next, group * memory->UnitTokens);
        Carries = Take(ref next, group);
        LargestWeights = Take(ref next, group);
        QueryScales = Take(ref next, PairFloats(memory, heads));
        QueryPairs = (short*)Take(ref next, PairFloats(memory, heads * memory->HeadSize / 2));
        WeightScales = Take(ref next, PairFloats(memory, group));
        WeightPairs = (short*)Take(ref next, PairFloats(memory, group * memory->UnitTokens / 2));
        Keys = Take(ref next, PanelFloats(memory, memory->HeadSize));
        Values = Take(ref next, PanelFloats(memory, memory->PaddedHeadSize));
        Next = new Partial(Take(ref next, Partial.FloatsOf(heads, memory->PaddedHeadSize)), heads, memory->PaddedHeadSize);
        Outputs = Total.Outputs;
        Maxima = Total.Maxima;
        Sums = Total.Sums;
    }

    /// <summary>Rotated and scaled, [heads, head size].</summary>
    public float* Queries { get; }

    /// <summary>The context from its beginning on.</summary>
    public Partial Total { get; }

    /// <summary>A later span, until it is folded into the total.</summary>
    public Partial Next { get; }

    /// <summary>What units are added to: sums of weighted values, [heads, padded head size].</summary>
    public float* Outputs { get; private init; }

    /// <summary>Maxima of scores, [heads].</summary>
    public float* Maxima { get; private init; }

    /// <summary>Sums of weights, [heads].</summary>
    public float* Sums { get; private init; }

    /// <summary>One query's scores, then weights, [group, unit tokens].</summary>
    public float* Scores { get; }

    /// <summary>What running sums are multiplied by, [group].</summary>
    public float* Carries { get; }

    /// <summary>One query's largest weights, [group].</summary>
    public float* LargestWeights { get; }

    /// <summary>The queries narrowed to 16 bits, [heads, head size]; these four are empty unless products take pairs.</summary>
    public short* QueryPairs { get; }

    /// <summary>What they stand for where they are integers, [heads].</summary>
    public float* QueryScales { get; }

    /// <summary>One query's weights narrowed likewise, [group, unit tokens].</summary>
    public short* WeightPairs { get; }

    /// <summary>What they stand for where they are integers, [group].</summary>
    public float* WeightScales { get; }

    /// <summary>Widened keys, [head size, unit tokens]; empty for a cache that products take as it is.</summary>
    public float* Keys { get; }

    /// <summary>Widened values, [unit tokens, padded head size]; empty likewise.</summary>
    public float* Values { get; }

    /// <summary>The same, adding units to a partial result: the total, the next span's, or one that lies in the pool.</summary>
    public AttentionScratch AddingTo(in Partial partial) => this with { Outputs = partial.Outputs, Maxima = partial.Maxima, Sums = partial.Sums };

    /// <summary>Bytes that the arrays take.</summary>
    public static int Bytes(AttentionMemory* memory, int heads, int group) => sizeof(float) * (LineFloats
        + Round(heads * memory->HeadSize) + (2 * Partial.FloatsOf(heads, memory->PaddedHeadSize)) + Round(group * memory->UnitTokens) + (2 * Round(group))
        + Round(PairFloats(memory, heads)) + Round(PairFloats(memory, heads * memory->HeadSize / 2))
        + Round(PairFloats(memory, group)) + Round(PairFloats(memory, group * memory->UnitTokens / 2))
        + Round(PanelFloats(memory, memory->HeadSize)) + Round(PanelFloats(memory, memory->PaddedHeadSize)));

    private static int PanelFloats(AttentionMemory* memory, int size) => memory->IsWidened ? memory->UnitTokens * size : 0;

    private static int PairFloats(AttentionMemory* memory, int floats) => memory->TakesPairs ? floats : 0;

    private static int Round(int floats) => (floats + LineFloats - 1) / LineFloats * LineFloats;

    private static float* Take(ref float* next, int floats)
    {
        float* taken = next;
        next += Round(floats);
        return taken;
    }
}
