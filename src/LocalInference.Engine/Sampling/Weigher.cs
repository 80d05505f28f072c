using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Engine.Sampling;

/// <summary>
/// Turns logits into weights: e^((logit − greatest logit) / temperature), in units of which the likeliest token has
/// <see cref="Greatest"/>. The same bits on every processor.
/// </summary>
/// <param name="max">The greatest logit.</param>
/// <param name="temperature">Above 0.</param>
internal readonly struct Weigher(float max, double temperature)
{
    /// <summary>What the likeliest token weighs.</summary>
    public const double Greatest = Exponential.Unit;

    private readonly double _max = max;
    private readonly double _scale = Exponential.Log2E / temperature;
    private readonly double _least = max + Exponential.Least / Exponential.Log2E * temperature;

    /// <summary>Computes a stride's weights.</summary>
    /// <param name="stride">The logits, none of them above the greatest.</param>
    /// <param name="floor">Less than this weighs 0.</param>
    /// <param name="weights">Overwritten: one stride.</param>
    /// <returns>Their sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Weigh(ReadOnlySpan<float> stride, float floor, Span<double> weights)
    {
        double least = floor > _least ? floor : _least;
        return Vector512.IsHardwareAccelerated
            ? Weigh<Vector512<double>, Lanes512>(stride, least, weights)
            : Weigh<Vector<double>, LanesNative>(stride, least, weights);
    }

    /// <summary>The logit whose token weighs so much.</summary>
    /// <param name="share">Of the likeliest token's weight; above 0.</param>
    public double LogitOf(double share) => _max + Math.Log2(share) / _scale;

    /// <summary>The same in one width of registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal double Weigh<TVector, TLanes>(ReadOnlySpan<float> stride, double floor, Span<double> weights)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        ref float logit = ref MemoryMarshal.GetReference(stride[..Strides.Length]);
        ref double weight = ref MemoryMarshal.GetReference(weights[..Strides.Length]);
        TVector max = TLanes.Create(_max), scale = TLanes.Create(_scale), least = TLanes.Create(floor);
        for (int i = 0; i < Strides.Length; i += Quad<TVector, TLanes>.Count)
        {
            Quad<TVector, TLanes> logits = Quad<TVector, TLanes>.Widen(ref logit, i);
            Exponential.PowerOfTwo(logits - max, scale, logits, least).Store(ref weight, i);
        }
        return Sum(ref weight);
    }

    // In an order that no width of registers changes: sixteen columns, then across them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Sum(ref double weights)
    {
        Vector256<double> a = Vector256.LoadUnsafe(ref weights), b = Vector256.LoadUnsafe(ref weights, 4);
        Vector256<double> c = Vector256.LoadUnsafe(ref weights, 8), d = Vector256.LoadUnsafe(ref weights, 12);
        for (nuint i = 16; i < Strides.Length; i += 16)
        {
            a += Vector256.LoadUnsafe(ref weights, i);
            b += Vector256.LoadUnsafe(ref weights, i + 4);
            c += Vector256.LoadUnsafe(ref weights, i + 8);
            d += Vector256.LoadUnsafe(ref weights, i + 12);
        }
        a += b + (c + d);
        return a[0] + a[1] + (a[2] + a[3]);
    }
}
