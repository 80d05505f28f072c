using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Onnx.Runner;

/// <summary>The largest of many numbers, at the speed at which they are read.</summary>
internal static class Maximum
{
    /// <summary>Finds it.</summary>
    /// <param name="numbers">At least one.</param>
    /// <returns>NaN where any of them is none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Of(ReadOnlySpan<float> numbers)
    {
        ref float start = ref MemoryMarshal.GetReference(numbers);
        Vector256<float> a = Vector256.Create(float.NegativeInfinity), b = a, unequal = Vector256<float>.Zero;
        int width = Vector256<float>.Count, index = 0;
        for (; index + (2 * width) <= numbers.Length; index += 2 * width)
        {
            Vector256<float> x = Vector256.LoadUnsafe(ref start, (nuint)index), y = Vector256.LoadUnsafe(ref start, (nuint)(index + width));
            a = Vector256.MaxNative(a, x);
            b = Vector256.MaxNative(b, y);
            // What is no number is not even equal to itself.
            unequal |= ~Vector256.Equals(x, x) | ~Vector256.Equals(y, y);
        }
        if (!Vector256.EqualsAll(unequal.AsInt32(), Vector256<int>.Zero))
            return float.NaN;
        a = Vector256.MaxNative(a, b);
        float largest = Across.Max(Vector128.MaxNative(a.GetLower(), a.GetUpper()));
        for (; index < numbers.Length; index++)
            largest = MathF.Max(largest, numbers[index]);
        return largest;
    }
}
