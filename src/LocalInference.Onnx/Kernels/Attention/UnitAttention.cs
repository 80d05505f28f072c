using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

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
    public static void Add(AttentionMemory* memory, in AttentionScratch scratch, int head, int group, int valid, in UnitPanels unit)
    {
        int size = memory->HeadSize, padded = memory->PaddedHeadSize, unitTokens = memory->UnitTokens;
        var scores = new Rows(scratch.Scores, unitTokens);
        var outputs = new Rows(scratch.Outputs + (head * padded), padded);
        var rows = new SoftmaxRows(
            scratch.Scores, unitTokens, group, scratch.Maxima + head, scratch.Sums + head, scratch.Carries, scratch.LargestWeights);
        // All columns, also those behind the last token: whole tiles of a product are faster than its remainders, and the softmax replaces what they give.
        if (memory->TakesPairs)
        {
            var queries = new Rows((float*)(scratch.QueryPairs + (head * size)), size / 2);
            Pairs(memory, queries, unit.Keys, scores, group, size / 2, unitTokens, scratch.QueryScales + head, null);
            UnitSoftmax<TVector, TLanes>.Apply(in rows, valid, unit.KeyScales, unit.ValueScales);
            for (int i = 0; i < group; i++)
                if (memory->HasIntegers)
                    scratch.WeightScales[i] = IntegerRow.Write(
                        scores.At(i), unitTokens, rows.Largest[i], memory->WeightLimit, scratch.WeightPairs + (i * unitTokens));
                else
                    BFloat16Row.Write(scores.At(i), unitTokens, (ushort*)scratch.WeightPairs + (i * unitTokens));
            var weights = new Rows((float*)scratch.WeightPairs, unitTokens / 2);
            Pairs(memory, weights, unit.Values, outputs, group, (valid + 1) / 2, padded, scratch.WeightScales, scratch.Carries);
            return;
        }
        SmallProduct<TVector, TLanes, FloatTerms<TVector, TLanes>>.Run(
            new Rows(scratch.Queries + (head * size), size), unit.Keys, scores, group, size, unitTokens, null, null);
        UnitSoftmax<TVector, TLanes>.Apply(in rows, valid, unit.KeyScales, unit.ValueScales);
        SmallProduct<TVector, TLanes, FloatTerms<TVector, TLanes>>.Run(scores, unit.Values, outputs, group, valid, padded, null, scratch.Carries);
    }

    private static void Pairs(AttentionMemory* memory, Rows a, Rows b, Rows c, int rows, int depth, int width, float* scales, float* carry)
    {
        if (memory->PairKernels is not null)
            PairKernels.Run(memory, a, b, c, rows, depth, width, scales, carry);
        else if (memory->Type == KvType.Int8)
            SmallProduct<TVector, TLanes, BytePairTerms<TVector, TLanes>>.Run(a, b, c, rows, depth, width, scales, carry);
        else
            SmallProduct<TVector, TLanes, IntegerPairTerms<TVector, TLanes>>.Run(a, b, c, rows, depth, width, scales, carry);
    }
}
