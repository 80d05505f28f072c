using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>Floats as integers of 16 bits with one scale, rounded to the nearest, to even between two.</summary>
internal static unsafe class IntegerRow
{
    private const int Lanes = 16;

    /// <summary>
    /// The largest magnitude whose products, as many as <paramref name="depth"/>, add up to less than 2³¹: 4,095 for heads of 128 elements, sixteen times
    /// finer than bfloat16 at the head's largest element.
    /// </summary>
    /// <param name="depth">Elements of a sum.</param>
    public static int Limit(int depth) => Math.Min(short.MaxValue, (int)Math.Sqrt(int.MaxValue / depth));

    /// <summary>The same for a factor whose integers are at most <paramref name="other"/>.</summary>
    public static int Limit(int depth, int other) => Math.Min(short.MaxValue, int.MaxValue / (depth * other));

    /// <summary>Writes a row.</summary>
    /// <param name="from">[count].</param>
    /// <param name="count">Elements.</param>
    /// <param name="limit">What the largest magnitude becomes.</param>
    /// <param name="to">[count]; may be where <paramref name="from"/> is.</param>
    /// <returns>What an integer is to be multiplied by. Where an element is not a number, neither is this, and so the fault shows.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Write(float* from, int count, float limit, short* to) => Write(from, count, Largest(from, count), limit, to);

    /// <summary>Writes a row whose largest magnitude is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Write(float* from, int count, float largest, float limit, short* to)
    {
        float factor = largest > 0 ? limit / largest : 0;
        var factors = Vector512.Create(factor);
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
        {
            Vector512<float> scaled = Vector512.Load(from + i) * factors;
            if (Avx512F.IsSupported)
            {
                // The two conversions do at once what takes six instructions below.
                Avx512F.ConvertToVector256Int16(Avx512F.ConvertToVector512Int32(scaled)).Store(to + i);
                continue;
            }
            Vector512<int> rounded = Vector512.ConvertToInt32Native(Vector512.Round(scaled));
            Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(to + i);
        }
        for (; i < count; i++)
            to[i] = short.CreateSaturating(MathF.Round(from[i] * factor));
        return largest / limit;
    }

    private static float Largest(float* from, int count)
    {
        Vector512<float> sixteen = default;
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
            sixteen = Vector512.Max(sixteen, Vector512.Abs(Vector512.Load(from + i)));
        Vector256<float> eight = Vector256.Max(sixteen.GetLower(), sixteen.GetUpper());
        Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        float largest = MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
        for (; i < count; i++)
            largest = MathF.Max(largest, MathF.Abs(from[i]));
        return largest;
    }
}
