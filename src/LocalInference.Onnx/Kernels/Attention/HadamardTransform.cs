using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// Multiplies a head by a Hadamard matrix (all elements ±1, rows orthogonal). Applied to queries and keys alike it changes no score but by a factor, and spreads
/// what stands out in a few elements of a key, as the large biases of Qwen's keys do, over all of them: then 8 bits with one scale for the head are enough
/// (QuaRot, arXiv 2404.00456, does the same).
/// </summary>
internal static unsafe class HadamardTransform
{
    private const int Lanes = 16;

    /// <summary>Elements that are mixed, which is what a score grows by: the largest power of two that divides the head.</summary>
    public static int BlockOf(int headSize) => 1 << BitOperations.TrailingZeroCount(headSize);

    /// <summary>Transforms a head in place, block by block: to the same bits on every processor.</summary>
    /// <param name="head">[head size].</param>
    /// <param name="headSize">Elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* head, int headSize)
    {
        int block = BlockOf(headSize);
        if (block >= Lanes)
            for (int i = 0; i < headSize; i += Lanes)
                MixLanes(Vector512.Load(head + i)).Store(head + i);
        for (int distance = block >= Lanes ? Lanes : 1; distance < block; distance *= 2)
            for (int first = 0; first < headSize; first += 2 * distance)
                Mix(head + first, head + first + distance, distance);
    }

    /// <summary>Sums and differences of elements 1, 2, 4 and 8 apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> MixLanes(Vector512<float> x)
    {
        x = Vector512.Shuffle(x, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14))
            + (x * Vector512.Create(1f, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1));
        x = Vector512.Shuffle(x, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13))
            + (x * Vector512.Create(1f, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1));
        x = Vector512.Shuffle(x, Vector512.Create(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11))
            + (x * Vector512.Create(1f, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1));
        return Vector512.Shuffle(x, Vector512.Create(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
            + (x * Vector512.Create(1f, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(float* left, float* right, int count)
    {
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
        {
            Vector512<float> a = Vector512.Load(left + i), b = Vector512.Load(right + i);
            (a + b).Store(left + i);
            (a - b).Store(right + i);
        }
        for (; i < count; i++)
            (left[i], right[i]) = (left[i] + right[i], left[i] - right[i]);
    }
}
