using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels;

/// <summary>Powers of two for the softmax, whose exponents are at most 0. Scores carry log2(e) already, so that no other base is needed.</summary>
internal static class Exponential
{
    /// <summary>Adding it rounds to a whole number, which then stands in the lowest bits: 1.5 × 2²³.</summary>
    public const float RoundingShift = 12582912f;

    /// <summary>Bits of a float below its exponent.</summary>
    public const int MantissaBits = 23;

    /// <summary>The bits of 1.0f.</summary>
    public const int One = 0x3F800000;

    /// <summary>log2(e).</summary>
    public const float Log2E = 1.44269504f;

    /// <summary>The least exponent of a normal float. What lies below counts as 2⁻¹²⁶, which vanishes beside the largest term of a softmax, 1.</summary>
    private const float Least = -126f;

    /// <summary>2^x for x ≤ 0: whole part into the exponent, fraction in ±½ by a polynomial of degree 6 (relative error below 1.2e-7).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector PowerOfTwo<TVector, TLanes>(TVector exponent)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        exponent = TLanes.Max(exponent, TLanes.Broadcast(Least));
        (TVector whole, TVector power) = TLanes.SplitPower(exponent);
        TVector x = TLanes.Subtract(exponent, whole);
        TVector y = TLanes.Broadcast(1.5403530e-4f);
        y = TLanes.MultiplyAdd(y, x, TLanes.Broadcast(1.33335581e-3f));
        y = TLanes.MultiplyAdd(y, x, TLanes.Broadcast(9.61812911e-3f));
        y = TLanes.MultiplyAdd(y, x, TLanes.Broadcast(5.55041087e-2f));
        y = TLanes.MultiplyAdd(y, x, TLanes.Broadcast(2.40226507e-1f));
        y = TLanes.MultiplyAdd(y, x, TLanes.Broadcast(6.93147181e-1f));
        y = TLanes.MultiplyAdd(y, x, TLanes.Broadcast(1f));
        return TLanes.Multiply(y, power);
    }
}
