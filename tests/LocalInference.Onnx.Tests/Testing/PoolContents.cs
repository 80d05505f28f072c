using LocalInference.Onnx.Kernels;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>Moves caches in the golden data's layout, [blocks, block tokens, key heads, size], into a pool and back; layer 0.</summary>
internal static unsafe class PoolContents
{
    public static void Import(KvPool pool, float[] keys, float[] values) => Copy(pool, keys, values, import: true);

    public static (float[] Keys, float[] Values) Export(KvPool pool)
    {
        AttentionMemory* memory = pool.Memory;
        int length = memory->BlockCount * memory->BlockTokens * memory->KvHeadCount * memory->HeadSize;
        float[] keys = new float[length], values = new float[length];
        Copy(pool, keys, values, import: false);
        return (keys, values);
    }

    private static void Copy(KvPool pool, float[] keys, float[] values, bool import)
    {
        AttentionMemory* memory = pool.Memory;
        int at = 0;
        for (int block = 0; block < memory->BlockCount; block++)
            for (int token = 0; token < memory->BlockTokens; token++)
                for (int head = 0; head < memory->KvHeadCount; head++)
                    for (int i = 0; i < memory->HeadSize; i++, at++)
                    {
                        float* key = memory->Keys(0, block, head) + (i * memory->BlockTokens) + token;
                        float* value = memory->Values(0, block, head) + (token * memory->PaddedHeadSize) + i;
                        if (import)
                            (*key, *value) = (keys[at], values[at]);
                        else
                            (keys[at], values[at]) = (*key, *value);
                    }
    }
}
