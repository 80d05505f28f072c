using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>Writes a token's key and value into its place in a block, narrowed to what the cache keeps, keys mixed first where they are.</summary>
internal static unsafe class KvCells
{
    /// <summary>Writes a key.</summary>
    /// <param name="memory">The cache.</param>
    /// <param name="keys">The block's keys.</param>
    /// <param name="scales">The block's key scales; not touched unless the cache has them.</param>
    /// <param name="slot">The token's place in the block.</param>
    /// <param name="from">[head size]; destroyed.</param>
    public static void PutKey(AttentionMemory* memory, byte* keys, float* scales, int slot, float* from)
    {
        int packing = memory->Packing;
        if (memory->MixesKeys)
            HadamardTransform.Apply(from, memory->HeadSize);
        Narrow(memory->Type, from, memory->HeadSize, memory->KeyLimit, scales + slot);
        Scatter(memory->Type, from, keys, memory->HeadSize, slot * packing, packing, memory->BlockTokens * packing);
    }

    /// <summary>Writes a value.</summary>
    /// <param name="memory">The cache.</param>
    /// <param name="values">The block's values.</param>
    /// <param name="scales">The block's value scales; not touched unless the cache has them.</param>
    /// <param name="slot">The token's place in the block.</param>
    /// <param name="from">[padded head size]; destroyed.</param>
    public static void PutValue(AttentionMemory* memory, byte* values, float* scales, int slot, float* from)
    {
        int packing = memory->Packing, size = memory->PaddedHeadSize;
        Narrow(memory->Type, from, size, memory->ValueLimit, scales + slot);
        Scatter(memory->Type, from, values, size, (slot / packing * size * packing) + (slot % packing), 1, packing);
    }

    /// <summary>
    /// Clears the value that shares its lanes with a sequence's last one, where no token has been yet: assembled products of bfloat16 multiply it by zero, and what
    /// lies there may be no number. Nobody else writes there: the sequence has no later token in this step.
    /// </summary>
    /// <param name="memory">The cache.</param>
    /// <param name="values">The block's values.</param>
    /// <param name="slot">The last token's place in the block.</param>
    public static void CompletePair(AttentionMemory* memory, byte* values, int slot)
    {
        if (memory->Type != KvType.Bfloat16 || slot % 2 != 0)
            return;
        ushort* lanes = (ushort*)values + ((long)slot * memory->PaddedHeadSize);
        for (int i = 0; i < memory->PaddedHeadSize; i++)
            lanes[(2 * i) + 1] = 0;
    }

    /// <summary>Narrows in place: elements of the cache's type, one after the other from the first byte on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(KvType type, float* elements, int count, int limit, float* scale)
    {
        if (type == KvType.Bfloat16)
            BFloat16Row.Write(elements, count, (ushort*)elements);
        else if (type != KvType.Float32)
            *scale = IntegerRow.Write(elements, count, limit, (short*)elements);
        if (type == KvType.Int8)
            for (int i = 0; i < count; i++)
                ((sbyte*)elements)[i] = (sbyte)((short*)elements)[i];
    }

    private static void Scatter(KvType type, float* from, byte* to, int count, long first, int packing, int stride)
    {
        if (type == KvType.Float32)
            Scatter(from, (float*)to + first, count, packing, stride);
        else if (type is KvType.Bfloat16 or KvType.Int16)
            Scatter((ushort*)from, (ushort*)to + first, count, packing, stride);
        else
            Scatter((sbyte*)from, (sbyte*)to + first, count, packing, stride);
    }

    /// <summary>So many elements side by side, then on by a stride.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter<T>(T* from, T* to, int count, int packing, int stride)
        where T : unmanaged
    {
        for (int i = 0; i < count; to += stride)
            for (int part = 0; part < packing; part++, i++)
                to[part] = from[i];
    }
}
