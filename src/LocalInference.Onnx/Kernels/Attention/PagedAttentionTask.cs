using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// The work of one task: a tile of queries of one sequence with one key head. Writing keys and values comes first, then the queries walk over the
/// sequence's units. The unit of arithmetic is one query's head group with one unit of tokens, in prefill and decode alike, so that a row's bits depend on
/// its position and its tokens alone: not on the batch, the chunking, what was computed earlier or which blocks it got.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static unsafe class PagedAttentionTask<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <summary>Writes the tile's keys and values for one head into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Append(AttentionJob* job, Tile tile, int kvHead)
    {
        AttentionNode* node = job->Node;
        AttentionMemory* memory = node->Memory;
        int size = node->HeadSize, padded = memory->PaddedHeadSize, blockTokens = memory->BlockTokens;
        float* element = stackalloc float[padded];
        for (int row = tile.FirstRow; row < tile.FirstRow + tile.Count; row++)
        {
            int position = job->Position(tile.Sequence, row);
            int block = job->BlockAt(tile.Sequence, position / blockTokens), slot = position % blockTokens;
            float* scales = memory->KeyScales(node->Layer, block, kvHead);
            HeadRotation<TVector, TLanes>.Apply(node, job->Key + ((long)row * job->KeyStride) + (kvHead * size), node->KeyNorm, position, 1, element);
            KvCells.PutKey(memory, memory->Keys(node->Layer, block, kvHead), scales, slot, element);
            new Span<float>(job->Value + ((long)row * job->ValueStride) + (kvHead * size), size).CopyTo(new Span<float>(element, size));
            new Span<float>(element + size, padded - size).Clear();
            KvCells.PutValue(memory, memory->Values(node->Layer, block, kvHead), scales + blockTokens, slot, element);
        }
    }

    /// <summary>Computes the tile's outputs for the heads that share one key head.</summary>
    /// <param name="job">The step.</param>
    /// <param name="tile">Its queries.</param>
    /// <param name="kvHead">The key head.</param>
    /// <param name="after">What is likely read after the task, and fetched at its end.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Attend(AttentionJob* job, Tile tile, int kvHead, in KvUnit after)
    {
        AttentionNode* node = job->Node;
        AttentionMemory* memory = node->Memory;
        int group = node->GroupSize, heads = tile.Count * group, unitTokens = memory->UnitTokens;
        byte* stack = stackalloc byte[AttentionScratch.Bytes(memory, heads, group)];
        var scratch = new AttentionScratch(stack, memory, heads, group);
        RotateQueries(job, tile, kvHead, scratch.Queries);
        if (memory->Type == KvType.Int16)
            for (int head = 0; head < heads; head++)
                scratch.QueryScales[head] = IntegerRow.Write(
                    scratch.Queries + (head * node->HeadSize), node->HeadSize, memory->KeyLimit, scratch.QueryIntegers + (head * node->HeadSize));

        int first = job->Position(tile.Sequence, tile.FirstRow), last = first + tile.Count - 1;
        var walk = new UnitWalk(job, tile.Sequence, kvHead);
        for (int unit = 0; unit <= last / unitTokens; unit++)
        {
            int reached = Math.Min(unitTokens, last + 1 - (unit * unitTokens));
            KvUnit current = walk.At(unit), next = unit < last / unitTokens ? walk.At(unit + 1) : after;
            UnitPanels panels = UnitPanels.Of<TVector, TLanes>(memory, in scratch, reached, in current, in next);
            for (int query = 0; query < tile.Count; query++)
            {
                int valid = Math.Min(unitTokens, first + query + 1 - (unit * unitTokens));
                if (valid <= 0)
                    continue;
                UnitAttention<TVector, TLanes>.Add(memory, in scratch, query * group, group, valid, in panels);
                panels = panels.WithoutAhead();
            }
        }
        WriteOutputs(job, tile, kvHead, scratch.Outputs, scratch.Sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RotateQueries(AttentionJob* job, Tile tile, int kvHead, float* to)
    {
        AttentionNode* node = job->Node;
        int group = node->GroupSize, size = node->HeadSize;
        float factor = node->Scale * Exponential.Log2E;
        for (int query = 0; query < tile.Count; query++)
        {
            int row = tile.FirstRow + query, position = job->Position(tile.Sequence, row);
            float* from = job->Query + ((long)row * job->QueryStride) + (kvHead * group * size);
            for (int i = 0; i < group; i++)
                HeadRotation<TVector, TLanes>.Apply(node, from + (i * size), node->QueryNorm, position, factor, to + (((query * group) + i) * size));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteOutputs(AttentionJob* job, Tile tile, int kvHead, float* outputs, float* sums)
    {
        AttentionNode* node = job->Node;
        int group = node->GroupSize, size = node->HeadSize, padded = node->Memory->PaddedHeadSize;
        for (int i = 0; i < tile.Count * group; i++)
        {
            float* to = job->Output + ((long)(tile.FirstRow + (i / group)) * node->HeadCount * size) + (((kvHead * group) + (i % group)) * size);
            float* from = outputs + (i * padded);
            float factor = 1 / sums[i];
            TVector factors = TLanes.Broadcast(factor);
            int d = 0;
            for (; d + TLanes.Width <= size; d += TLanes.Width)
                TLanes.Store(TLanes.Multiply(TLanes.Load(from + d), factors), to + d);
            for (; d < size; d++)
                to[d] = from[d] * factor;
        }
    }
}
