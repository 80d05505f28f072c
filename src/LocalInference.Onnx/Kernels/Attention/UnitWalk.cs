namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>Where a sequence's units lie for one key head.</summary>
/// <param name="job">The step.</param>
/// <param name="sequence">Which of its sequences.</param>
/// <param name="kvHead">The key head.</param>
internal readonly unsafe struct UnitWalk(AttentionJob* job, int sequence, int kvHead)
{
    /// <summary>A unit, counted from the sequence's beginning.</summary>
    public KvUnit At(int unit)
    {
        AttentionNode* node = job->Node;
        AttentionMemory* memory = node->Memory;
        (int index, int first) = Math.DivRem(unit * memory->UnitTokens, memory->BlockTokens);
        int block = job->BlockAt(sequence, index);
        float* scales = memory->KeyScales(node->Layer, block, kvHead) + first;
        return new KvUnit(
            memory->Keys(node->Layer, block, kvHead) + (first * memory->LaneBytes),
            memory->Values(node->Layer, block, kvHead) + ((long)first * memory->PaddedHeadSize * memory->ElementBytes),
            scales,
            scales + memory->BlockTokens);
    }
}

/// <summary>A unit's place in the cache.</summary>
/// <param name="keys">Packed rows of its keys; a row of the whole block lies between two.</param>
/// <param name="values">Packed rows of its values, one after the other.</param>
/// <param name="keyScales">[unit tokens]; means nothing unless the cache has scales.</param>
/// <param name="valueScales">The same for values.</param>
internal readonly unsafe struct KvUnit(byte* keys, byte* values, float* keyScales, float* valueScales)
{
    public byte* Keys => keys;

    public byte* Values => values;

    public float* KeyScales => keyScales;

    public float* ValueScales => valueScales;
}
