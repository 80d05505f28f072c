using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>Moves caches in the golden data's layout, [blocks, block tokens, key heads, size], into a pool and back; layer 0.</summary>
internal static unsafe class PoolContents
{
    public static void Import(KvPool pool, float[] keys, float[] values)
    {
        AttentionMemory* memory = pool.Memory;
        float* element = stackalloc float[memory->PaddedHeadSize];
        var padded = new Span<float>(element, memory->PaddedHeadSize);
        int size = memory->HeadSize, at = 0;
        for (int block = 0; block < memory->BlockCount; block++)
            for (int token = 0; token < memory->BlockTokens; token++)
                for (int head = 0; head < memory->KvHeadCount; head++, at += size)
                {
                    float* scales = memory->KeyScales(0, block, head);
                    keys.AsSpan(at, size).CopyTo(padded);
                    KvCells.PutKey(memory, memory->Keys(0, block, head), scales, token, element);
                    padded.Clear();
                    values.AsSpan(at, size).CopyTo(padded);
                    KvCells.PutValue(memory, memory->Values(0, block, head), scales + memory->BlockTokens, token, element);
                }
    }

    public static (float[] Keys, float[] Values) Export(KvPool pool)
    {
        AttentionMemory* memory = pool.Memory;
        int length = memory->BlockCount * memory->BlockTokens * memory->KvHeadCount * memory->HeadSize, packing = memory->Packing, at = 0;
        float[] keys = new float[length], values = new float[length];
        for (int block = 0; block < memory->BlockCount; block++)
            for (int token = 0; token < memory->BlockTokens; token++)
                for (int head = 0; head < memory->KvHeadCount; head++)
                {
                    for (int i = 0; i < memory->HeadSize; i++, at++)
                    {
                        float* scales = memory->KeyScales(0, block, head) + token;
                        keys[at] = Read(memory->Type, memory->Keys(0, block, head), (((i / packing * memory->BlockTokens) + token) * packing) + (i % packing), scales);
                        values[at] = Read(
                            memory->Type, memory->Values(0, block, head), (((token / packing * memory->PaddedHeadSize) + i) * packing) + (token % packing),
                            scales + memory->BlockTokens);
                    }
                    if (memory->MixesKeys)
                        Unmix(keys.AsSpan(at - memory->HeadSize, memory->HeadSize));
                }
        return (keys, values);
    }

    /// <summary>A Hadamard matrix times itself is as many times the identity as it has rows.</summary>
    private static void Unmix(Span<float> key)
    {
        fixed (float* elements = key)
            HadamardTransform.Apply(elements, key.Length);
        foreach (ref float element in key)
            element /= HadamardTransform.BlockOf(key.Length);
    }

    private static float Read(KvType type, byte* from, int index, float* scale) => type switch
    {
        KvType.Float32 => ((float*)from)[index],
        KvType.Bfloat16 => BitConverter.UInt32BitsToSingle((uint)((ushort*)from)[index] << 16),
        KvType.Int16 => ((short*)from)[index] * *scale,
        _ => ((sbyte*)from)[index] * *scale,
    };
}
