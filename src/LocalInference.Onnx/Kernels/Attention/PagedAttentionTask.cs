using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// The work of one task: a tile of queries of one sequence with one key head. Writing keys and values comes first, then the queries walk over the
/// sequence's units. The unit of arithmetic is one query's head group with one unit of tokens, units are summed up by spans, and spans are folded in order,
/// in prefill and decode alike, so that a row's bits depend on its position and its tokens alone: not on the batch, the chunking, what was computed earlier,
/// which blocks it got or how many tasks share its context.
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
            if (row == job->CumulativeLengths[tile.Sequence + 1] - 1)
                KvCells.CompletePair(memory, memory->Values(node->Layer, block, kvHead), slot);
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
        int group = node->GroupSize, heads = tile.Count * group;
        byte* stack = stackalloc byte[AttentionScratch.Bytes(memory, heads, group)];
        var scratch = new AttentionScratch(stack, memory, heads, group);
        RotateQueries(job, tile, kvHead, scratch.Queries);
        if (memory->HasIntegers)
            for (int head = 0; head < heads; head++)
                scratch.QueryScales[head] = IntegerRow.Write(
                    scratch.Queries + (head * node->HeadSize), node->HeadSize, memory->QueryLimit, scratch.QueryPairs + (head * node->HeadSize));
        else if (memory->TakesPairs)
            BFloat16Row.Write(scratch.Queries, heads * node->HeadSize, (ushort*)scratch.QueryPairs);
        if (tile.IsSplit)
            AttendSpan(job, tile, kvHead, in scratch, in after);
        else
            AttendAll(job, tile, kvHead, in scratch, in after);
    }

    /// <summary>All of the context, folded span by span.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AttendAll(AttentionJob* job, Tile tile, int kvHead, in AttentionScratch scratch, in KvUnit after)
    {
        AttentionMemory* memory = job->Node->Memory;
        int group = job->Node->GroupSize, first = job->Position(tile.Sequence, tile.FirstRow), last = (first + tile.Count - 1) / memory->SpanTokens;
        var walk = new UnitWalk(job, tile.Sequence, kvHead);
        for (int span = 0; span <= last; span++)
        {
            KvUnit next = span < last ? walk.At((span + 1) * memory->SpanUnits) : after;
            AddSpan(job, tile, kvHead, span, in scratch, span == 0 ? scratch.Total : scratch.Next, in next);
            // Queries before the span see nothing of it, and what they have must not change by a bit.
            if (span > 0)
                scratch.Total.Fold<TVector, TLanes>(scratch.Next, Math.Max(0, (span * memory->SpanTokens) - first) * group, tile.Count * group);
        }
        WriteOutputs(job, tile, kvHead, scratch.Total);
    }

    /// <summary>One span of the context; who finishes a query's last one folds all of them, in the same order as a single task does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AttendSpan(AttentionJob* job, Tile tile, int kvHead, in AttentionScratch scratch, in KvUnit after)
    {
        AttentionMemory* memory = job->Node->Memory;
        AddSpan(job, tile, kvHead, tile.Span, in scratch, memory->PartialAt(tile.FirstPartial + tile.Span, kvHead), in after);
        if (Interlocked.Decrement(ref *job->OpenSpans(tile.Sequence, kvHead)) > 0)
            return;
        Partial total = memory->PartialAt(tile.FirstPartial, kvHead);
        int spans = job->SpanCount(tile.Sequence);
        for (int span = 1; span < spans; span++)
            total.Fold<TVector, TLanes>(memory->PartialAt(tile.FirstPartial + span, kvHead), 0, job->Node->GroupSize);
        WriteOutputs(job, tile, kvHead, total);
    }

    /// <summary>Computes one span's partial result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSpan(AttentionJob* job, Tile tile, int kvHead, int span, in AttentionScratch scratch, in Partial partial, in KvUnit after)
    {
        AttentionNode* node = job->Node;
        AttentionMemory* memory = node->Memory;
        int group = node->GroupSize, unitTokens = memory->UnitTokens;
        int first = job->Position(tile.Sequence, tile.FirstRow), last = first + tile.Count - 1;
        int lastUnit = Math.Min(last / unitTokens, ((span + 1) * memory->SpanUnits) - 1);
        var walk = new UnitWalk(job, tile.Sequence, kvHead);
        partial.Clear(tile.Count * group);
        AttentionScratch adding = scratch.AddingTo(in partial);
        for (int unit = span * memory->SpanUnits; unit <= lastUnit; unit++)
        {
            int reached = Math.Min(unitTokens, last + 1 - (unit * unitTokens));
            KvUnit current = walk.At(unit), next = unit < lastUnit ? walk.At(unit + 1) : after;
            UnitPanels panels = UnitPanels.Of<TVector, TLanes>(memory, in adding, reached, in current, in next);
            for (int query = 0; query < tile.Count; query++)
            {
                int valid = Math.Min(unitTokens, first + query + 1 - (unit * unitTokens));
                if (valid <= 0)
                    continue;
                UnitAttention<TVector, TLanes>.Add(memory, in adding, query * group, group, valid, in panels);
                panels = panels.WithoutAhead();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RotateQueries(AttentionJob* job, Tile tile, int kvHead, float* to)
    {
        AttentionNode* node = job->Node;
        int group = node->GroupSize, size = node->HeadSize;
        bool mixes = node->Memory->MixesKeys;
        // Keys and queries that are both mixed give scores so many times as large, a power of two.
        float factor = node->Scale * Exponential.Log2E / (mixes ? HadamardTransform.BlockOf(size) : 1);
        for (int query = 0; query < tile.Count; query++)
        {
            int row = tile.FirstRow + query, position = job->Position(tile.Sequence, row);
            float* from = job->Query + ((long)row * job->QueryStride) + (kvHead * group * size);
            for (int i = 0; i < group; i++)
            {
                float* head = to + (((query * group) + i) * size);
                HeadRotation<TVector, TLanes>.Apply(node, from + (i * size), node->QueryNorm, position, factor, head);
                if (mixes)
                    HadamardTransform.Apply(head, size);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteOutputs(AttentionJob* job, Tile tile, int kvHead, in Partial total)
    {
        AttentionNode* node = job->Node;
        int group = node->GroupSize, size = node->HeadSize, padded = node->Memory->PaddedHeadSize;
        for (int i = 0; i < tile.Count * group; i++)
        {
            float* to = job->Output + ((long)(tile.FirstRow + (i / group)) * node->HeadCount * size) + (((kvHead * group) + (i % group)) * size);
            float* from = total.Outputs + (i * padded);
            float factor = 1 / total.Sums[i];
            TVector factors = TLanes.Broadcast(factor);
            int d = 0;
            for (; d + TLanes.Width <= size; d += TLanes.Width)
                TLanes.Store(TLanes.Multiply(TLanes.Load(from + d), factors), to + d);
            for (; d < size; d++)
                to[d] = from[d] * factor;
        }
    }
}
