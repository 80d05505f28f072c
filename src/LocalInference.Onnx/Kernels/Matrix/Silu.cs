using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>x / (1 + e⁻ˣ). Lane by lane with operations that every processor rounds alike, so that all give the same bits.</summary>
internal static class Silu
{
    /// <summary>Adding and subtracting it rounds to a whole number, which meanwhile stands in the lowest bits: 1.5 × 2²³.</summary>
    private const float RoundingShift = 12582912f;

    private const int MantissaBits = 23;

    // Exponents beyond ±126 would leave the normal floats; e⁻ˣ is far beyond 1, or nothing beside it, there.
    private const float LargestPower = 126f;

    /// <summary>The function; relative error about 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        Vector512<float> power = x * Vector512.Create(-Exponential.Log2E);
        power = Vector512.MinNative(Vector512.MaxNative(power, Vector512.Create(-LargestPower)), Vector512.Create(LargestPower));
        return x / (Vector512<float>.One + PowerOfTwo(power));
    }

    /// <summary>2ˣ: whole part into the exponent, fraction in ±½ by a polynomial of degree 6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<float> x)
    {
        Vector512<float> shifted = x + Vector512.Create(RoundingShift), fraction = x - (shifted - Vector512.Create(RoundingShift));
        var y = Vector512.Create(1.5403530e-4f);
        y = Vector512.FusedMultiplyAdd(y, fraction, Vector512.Create(1.33335581e-3f));
        y = Vector512.FusedMultiplyAdd(y, fraction, Vector512.Create(9.61812911e-3f));
        y = Vector512.FusedMultiplyAdd(y, fraction, Vector512.Create(5.55041087e-2f));
        y = Vector512.FusedMultiplyAdd(y, fraction, Vector512.Create(2.40226507e-1f));
        y = Vector512.FusedMultiplyAdd(y, fraction, Vector512.Create(6.93147181e-1f));
        y = Vector512.FusedMultiplyAdd(y, fraction, Vector512<float>.One);
        return (y.AsInt32() + (shifted.AsInt32() << MantissaBits)).AsSingle();
    }
}
