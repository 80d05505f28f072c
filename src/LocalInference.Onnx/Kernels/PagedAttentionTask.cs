using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels;

/// <summary>
/// The work of one task: a tile of queries of one sequence with one key head. Writing keys and values comes first, then the queries walk over the
/// sequence's blocks. The unit of arithmetic is one query's head group with one block, in prefill and decode alike, so that a row's bits depend on
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
        int size = node->HeadSize, blockTokens = memory->BlockTokens;
        float* rotated = stackalloc float[size];
        for (int row = tile.FirstRow; row < tile.FirstRow + tile.Count; row++)
        {
            int position = job->Position(tile.Sequence, row);
            int block = job->BlockAt(tile.Sequence, position / blockTokens), slot = position % blockTokens;
            HeadRotation<TVector, TLanes>.Apply(node, job->Key + ((long)row * job->KeyStride) + (kvHead * size), node->KeyNorm, position, 1, rotated);
            float* keys = memory->Keys(node->Layer, block, kvHead) + slot;
            for (int i = 0; i < size; i++)
                keys[(long)i * blockTokens] = rotated[i];
            float* value = job->Value + ((long)row * job->ValueStride) + (kvHead * size);
            float* values = memory->Values(node->Layer, block, kvHead) + ((long)slot * memory->PaddedHeadSize);
            for (int i = 0; i < memory->PaddedHeadSize; i++)
                values[i] = i < size ? value[i] : 0;
        }
    }

    /// <summary>Computes the tile's outputs for the heads that share one key head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Attend(AttentionJob* job, Tile tile, int kvHead)
    {
        AttentionNode* node = job->Node;
        AttentionMemory* memory = node->Memory;
        int group = node->GroupSize, size = node->HeadSize, padded = memory->PaddedHeadSize, blockTokens = memory->BlockTokens, heads = tile.Count * group;
        float* queries = stackalloc float[heads * size];
        float* outputs = stackalloc float[heads * padded];
        float* maxima = stackalloc float[heads];
        float* sums = stackalloc float[heads];
        float* scores = stackalloc float[group * blockTokens];
        float* carries = stackalloc float[group];
        new Span<float>(outputs, heads * padded).Clear();
        new Span<float>(sums, heads).Clear();
        new Span<float>(maxima, heads).Fill(float.NegativeInfinity);
        RotateQueries(job, tile, kvHead, queries);

        int first = job->Position(tile.Sequence, tile.FirstRow), last = first + tile.Count - 1;
        for (int index = 0; index <= last / blockTokens; index++)
        {
            int block = job->BlockAt(tile.Sequence, index);
            var keys = new Rows(memory->Keys(node->Layer, block, kvHead), blockTokens);
            var values = new Rows(memory->Values(node->Layer, block, kvHead), padded);
            for (int query = 0; query < tile.Count; query++)
            {
                int valid = Math.Min(blockTokens, first + query + 1 - (index * blockTokens));
                if (valid <= 0)
                    continue;
                int width = (valid + 15) / 16 * 16, head = query * group;
                SmallProduct<TVector, TLanes>.Run(new Rows(queries + (head * size), size), keys, new Rows(scores, blockTokens), group, size, width, null);
                for (int i = 0; i < group; i++)
                    carries[i] = BlockSoftmax<TVector, TLanes>.Apply(scores + (i * blockTokens), valid, width, ref maxima[head + i], ref sums[head + i]);
                SmallProduct<TVector, TLanes>.Run(new Rows(scores, blockTokens), values, new Rows(outputs + (head * padded), padded), group, valid, padded, carries);
            }
        }
        WriteOutputs(job, tile, kvHead, outputs, sums);
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
            for (int d = 0; d < size; d++)
                to[d] = from[d] * factor;
        }
    }
}
