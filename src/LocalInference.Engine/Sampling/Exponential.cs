using System.Runtime.CompilerServices;

namespace LocalInference.Engine.Sampling;

/// <summary>Powers of two in double precision, several at once and to the same bits in every width of registers.</summary>
internal static class Exponential
{
    /// <summary>log2(e).</summary>
    public const double Log2E = 1.4426950408889634;

    /// <summary>The least exponent of which powers are computed: those of less are 0 in double precision.</summary>
    public const double Least = -1075;

    /// <summary>All powers are scaled by this, 2⁶⁴, so that the least of them have all their bits.</summary>
    public const double Unit = 1.8446744073709552e19;

    /// <summary>Bits of a double below its exponent.</summary>
    public const int MantissaBits = 52;

    // Adding it rounds to a whole number, which then stands in the lowest bits, with the unit's exponent: 1.5 × 2⁵² + 64.
    private const double RoundingShift = 6755399441055744 + 64;

    /// <summary>
    /// 2^(x · scale) × <see cref="Unit"/>, for products from <see cref="Least"/> to 0: whole part into the exponent, fraction in ±½ by a
    /// polynomial of degree 11 (relative error below 2e-17, so that the result is off by less than one unit in its last place). 0 where
    /// <paramref name="compared"/> is below <paramref name="least"/>, whatever the product is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TVector, TLanes> PowerOfTwo<TVector, TLanes>(
        Quad<TVector, TLanes> x, TVector scale, Quad<TVector, TLanes> compared, TVector least)
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        TVector shift = TLanes.Create(RoundingShift);
        Quad<TVector, TLanes> shifted = x.MultiplyAdd(scale, shift);
        Quad<TVector, TLanes> r = x.MultiplyAdd(scale, shift - shifted);
        Quad<TVector, TLanes> y = r.MultiplyAdd(TLanes.Create(4.4549605981865186e-10), TLanes.Create(7.072585949269223e-9));
        y = y.MultiplyAdd(r, 1.0178062445845774e-7);
        y = y.MultiplyAdd(r, 1.321544258792169e-6);
        y = y.MultiplyAdd(r, 1.525273382983612e-5);
        y = y.MultiplyAdd(r, 1.540353044173605e-4);
        y = y.MultiplyAdd(r, 1.3333558146416936e-3);
        y = y.MultiplyAdd(r, 9.618129107606888e-3);
        y = y.MultiplyAdd(r, 5.55041086648216e-2);
        y = y.MultiplyAdd(r, 0.24022650695910097);
        y = y.MultiplyAdd(r, 0.6931471805599453);
        y = y.MultiplyAdd(r, 1);
        return y.Scale(shifted, compared, least);
    }
}
