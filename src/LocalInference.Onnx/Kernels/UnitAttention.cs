using System.Runtime.CompilerServices;
using LocalInference.Onnx.Runner;

namespace LocalInference.Onnx.Kernels;

/// <summary>Adds one unit of tokens to one query's head group: scores, a turn of the online softmax, weighted values.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static unsafe class UnitAttention<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <summary>Adds.</summary>
    /// <param name="memory">The cache.</param>
    /// <param name="scratch">The task's; holds queries and running outputs.</param>
    /// <param name="head">The group's first head in it.</param>
    /// <param name="group">Heads.</param>
    /// <param name="valid">Tokens of the unit that the query sees; at least 1.</param>
    /// <param name="unit">The unit.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(
        AttentionMemory* memory, in AttentionScratch scratch, int head, int group, int valid, in UnitPanels unit)
    {
        int size = memory->HeadSize, padded = memory->PaddedHeadSize, unitTokens = memory->UnitTokens, width = (valid + 15) / 16 * 16;
        var queries = new Rows(scratch.Queries + (head * size), size);
        var scores = new Rows(scratch.Scores, unitTokens);
        // All columns, also those behind the last token: whole tiles of a product are faster than its remainders, and the softmax replaces what they give.
        if (unit.IsPacked)
            Packed(memory->Type, queries, unit.PackedKeys, scores, group, size, unitTokens, null);
        else
            SmallProduct<TVector, TLanes>.Run(queries, unit.Keys, scores, group, size, unitTokens, null);
        for (int i = 0; i < group; i++)
        {
            float* row = scores.At(i);
            if (memory->HasScales)
                Scale(row, unit.KeyScales, width);
            scratch.Carries[i] = BlockSoftmax<TVector, TLanes>.Apply(row, valid, width, ref scratch.Maxima[head + i], ref scratch.Sums[head + i]);
            if (memory->HasScales)
                Scale(row, unit.ValueScales, width);
        }
        var outputs = new Rows(scratch.Outputs + (head * padded), padded);
        if (unit.IsPacked)
            Packed(memory->Type, scores, unit.PackedValues, outputs, group, valid, padded, scratch.Carries);
        else
            SmallProduct<TVector, TLanes>.Run(scores, unit.Values, outputs, group, valid, padded, scratch.Carries);
    }

    private static void Packed(KvType type, Rows a, PackedRows b, Rows c, int rows, int depth, int width, float* carry)
    {
        if (type == KvType.BFloat16)
            PairProduct<TVector, TLanes, BFloat16Pairs<TVector, TLanes>>.Run(a, b, c, rows, depth, width, carry);
        else
            PairProduct<TVector, TLanes, Int16Pairs<TVector, TLanes>>.Run(a, b, c, rows, depth, width, carry);
    }

    /// <summary>A token's scale counts for its whole key or value, so its score or weight can bear it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(float* row, float* scales, int width)
    {
        for (int i = 0; i < width; i += TLanes.Width)
            TLanes.Store(TLanes.Multiply(TLanes.Load(row + i), TLanes.Load(scales + i)), row + i);
    }
}
