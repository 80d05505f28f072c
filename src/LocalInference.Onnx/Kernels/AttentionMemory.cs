using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Kernels;

/// <summary>
/// What all attention kernels of one session share, in native memory so that pool threads read it without the garbage collector's knowledge:
/// the paged cache and the step's list of tiles.
/// </summary>
/// <remarks>
/// The cache: per layer, block and key head first the keys, transposed to [head size][block tokens], then the values, [block tokens][padded head size].
/// Keys transposed make a score one lane, so that no sum across lanes is needed; values as rows make an output element one lane.
/// It is not cleared: what no token has written is never read as a number (scores behind the last token are replaced before they are used).
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AttentionMemory
{
    public float* Cache;
    public Tile* Tiles;
    public int TileCapacity;
    public int BlockCount;
    public int BlockTokens;
    public int LayerCount;
    public int KvHeadCount;
    public int HeadSize;
    public int PaddedHeadSize;

    /// <summary>Floats of one block for one head: keys and values.</summary>
    public readonly long HeadFloats => (long)BlockTokens * (HeadSize + PaddedHeadSize);

    /// <summary>The keys of a block, [head size][block tokens].</summary>
    public readonly float* Keys(int layer, int block, int kvHead) =>
        Cache + (((((long)layer * BlockCount) + block) * KvHeadCount) + kvHead) * HeadFloats;

    /// <summary>The values of a block, [block tokens][padded head size].</summary>
    public readonly float* Values(int layer, int block, int kvHead) => Keys(layer, block, kvHead) + ((long)HeadSize * BlockTokens);
}

/// <summary>Consecutive queries of one sequence: with a key head, the unit that threads take.</summary>
/// <param name="Sequence">Which of the step's sequences.</param>
/// <param name="FirstRow">The first query's row in the step.</param>
/// <param name="Count">Queries.</param>
internal readonly record struct Tile(int Sequence, int FirstRow, int Count);
