using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// What all attention kernels of one session share, in native memory so that pool threads read it without the garbage collector's knowledge:
/// the paged cache, the step's list of tiles, and the partial results of contexts that several tasks share.
/// </summary>
/// <remarks>
/// The cache: per layer, block and key head first the keys, transposed to [head size][block tokens], then the values, [block tokens][padded head size].
/// Keys transposed make a score one lane, so that no sum across lanes is needed; values as rows make an output element one lane.
/// Elements of less than 32 bits are packed along the first dimension, two to a lane, so that one load gives two rows and products of integers take them as
/// they are. Integer caches have the scales of keys and of values, [block tokens] each, behind the values.
/// It is not cleared: what no token has written is never read as a number (scores behind the last token are replaced before they are used).
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AttentionMemory
{
    /// <summary>
    /// Tokens of a span at most: beside its keys and values a partial result is about a hundredth of the memory traffic, and a context of 4,096 tokens
    /// still keeps eight threads busy with one key head.
    /// </summary>
    private const int MaxSpanTokens = 512;

    public byte* Cache;
    public Tile* Tiles;

    /// <summary>[partial capacity, key heads] of <see cref="PartialFloats"/>; a split tile has one of each key head for each of its spans.</summary>
    public float* Partials;

    /// <summary>Spans that are still being computed, for each sequence with each key head: who finishes the last one folds them. [threads].</summary>
    public int* OpenSpans;

    /// <summary>Tokens of a step at most; without split contexts it has no more tiles.</summary>
    public int TileCapacity;

    /// <summary>Spans of a step that may be tasks of their own.</summary>
    public int PartialCapacity;

    /// <summary>Threads that are assumed to take tasks: with fewer tasks than these, long contexts are split. No output depends on it.</summary>
    public int Threads;
    public int BlockCount;
    public int BlockTokens;
    public int LayerCount;
    public int HeadCount;
    public int KvHeadCount;
    public int HeadSize;
    public int PaddedHeadSize;
    public KvType Type;

    /// <summary>Tokens that are scored and summed up together: a whole part of a block.</summary>
    public int UnitTokens;

    /// <summary>What the largest element of a key becomes as an integer.</summary>
    public int KeyLimit;

    /// <summary>Likewise of a query.</summary>
    public int QueryLimit;

    /// <summary>Likewise of a value.</summary>
    public int ValueLimit;

    /// <summary>Likewise of a query's weights for a unit.</summary>
    public int WeightLimit;

    /// <summary>Assembled products (<see cref="Attention.PairKernels.Table"/>); null where C# computes them.</summary>
    public nint* PairKernels;

    /// <summary>Units of a span: what is summed up by itself and then folded into the rest, whether one task has all spans or each has one.</summary>
    public readonly int SpanUnits => MaxSpanTokens / UnitTokens;

    /// <summary>Tokens of a span.</summary>
    public readonly int SpanTokens => SpanUnits * UnitTokens;

    /// <summary>Floats of one query's partial result with one key head.</summary>
    public readonly int PartialFloats => Partial.FloatsOf(HeadCount / KvHeadCount, PaddedHeadSize);

    /// <summary>Bytes of a key's or value's element.</summary>
    public readonly int ElementBytes => BytesOf(Type);

    /// <summary>Whether products are of integers, and tokens have scales.</summary>
    public readonly bool HasIntegers => ScaleBytesOf(Type) > 0;

    /// <summary>Whether keys and queries go through a <see cref="HadamardTransform"/>.</summary>
    public readonly bool MixesKeys => Type == KvType.Int8;

    /// <summary>Elements in a lane.</summary>
    public readonly int Packing => Type == KvType.Float32 ? 1 : 2;

    /// <summary>Bytes of a lane.</summary>
    public readonly int LaneBytes => ElementBytes * Packing;

    /// <summary>Whether products are of pairs of 16 bits, and queries and weights are narrowed to them: always of integers, of bfloat16 where they are assembled.</summary>
    public readonly bool TakesPairs => HasIntegers || (Type == KvType.Bfloat16 && PairKernels is not null);

    /// <summary>Whether products take floats that a task widens first, in place of what the cache keeps.</summary>
    public readonly bool IsWidened => Type == KvType.Bfloat16 && !TakesPairs;

    /// <summary>Bytes of one block for one head: keys, values and scales.</summary>
    public readonly long HeadBytes => ((long)BlockTokens * (HeadSize + PaddedHeadSize) * ElementBytes) + (2L * BlockTokens * ScaleBytesOf(Type));

    /// <summary>Bytes of an element.</summary>
    public static int BytesOf(KvType type) => type switch
    {
        KvType.Float32 => sizeof(float),
        KvType.Bfloat16 or KvType.Int16 => sizeof(ushort),
        _ => sizeof(sbyte),
    };

    /// <summary>Bytes that a token's key or value for one head has beside its elements.</summary>
    public static int ScaleBytesOf(KvType type) => type is KvType.Int8 or KvType.Int16 ? sizeof(float) : 0;

    /// <summary>The keys of a block, [head size / packing][block tokens][packing].</summary>
    public readonly byte* Keys(int layer, int block, int kvHead) =>
        Cache + ((((((long)layer * BlockCount) + block) * KvHeadCount) + kvHead) * HeadBytes);

    /// <summary>The values of a block, [block tokens / packing][padded head size][packing].</summary>
    public readonly byte* Values(int layer, int block, int kvHead) => Keys(layer, block, kvHead) + ((long)HeadSize * BlockTokens * ElementBytes);

    /// <summary>The scales of a block's keys, [block tokens]; those of its values follow.</summary>
    public readonly float* KeyScales(int layer, int block, int kvHead) =>
        (float*)(Values(layer, block, kvHead) + ((long)PaddedHeadSize * BlockTokens * ElementBytes));

    /// <summary>One query's partial result with a key head.</summary>
    public readonly Partial PartialAt(int index, int kvHead) =>
        new(Partials + ((((long)index * KvHeadCount) + kvHead) * PartialFloats), HeadCount / KvHeadCount, PaddedHeadSize);
}

/// <summary>Consecutive queries of one sequence with all of their context, or one query with a span of it: with a key head, what threads take.</summary>
/// <param name="Sequence">Which of the step's sequences.</param>
/// <param name="FirstRow">The first query's row in the step.</param>
/// <param name="Count">Queries.</param>
internal readonly record struct Tile(int Sequence, int FirstRow, int Count)
{
    /// <summary>Whether other tiles have the rest of the query's context.</summary>
    public bool IsSplit { get; init; }

    /// <summary>Where it is split: the span.</summary>
    public int Span { get; init; }

    /// <summary>Likewise: where the pool keeps the first span's partial result; those of the others follow.</summary>
    public int FirstPartial { get; init; }
}
