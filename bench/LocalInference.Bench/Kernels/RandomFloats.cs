using LocalInference.Onnx.Interop;

namespace LocalInference.Bench.Kernels;

/// <summary>Numbers as a model's tensors have them: around zero, most of them small. The same seed gives the same.</summary>
internal static unsafe class RandomFloats
{
    /// <summary>So many, in memory that the caller frees.</summary>
    public static NativeBuffer<float> Make(long count, int seed = 1)
    {
        var random = new Random(seed);
        var buffer = new NativeBuffer<float>(count);
        for (long i = 0; i < count; i++)
            buffer.Address[i] = Normal(random);
        return buffer;
    }

    /// <summary>Box and Muller's way from two even draws to a normal one.</summary>
    private static float Normal(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
