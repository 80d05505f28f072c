using System.Runtime.CompilerServices;

namespace LocalInference.Engine.Sampling;

/// <summary>
/// Four registers that go through the same operations side by side: each waits for its own previous result, and four together keep the
/// processor busy meanwhile.
/// </summary>
internal readonly struct Quad<TVector, TLanes>(TVector a, TVector b, TVector c, TVector d)
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    private readonly TVector _a = a;
    private readonly TVector _b = b;
    private readonly TVector _c = c;
    private readonly TVector _d = d;

    /// <summary>Doubles in four registers.</summary>
    public static int Count => 4 * TLanes.Count;

    /// <summary>Reads floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TVector, TLanes> Widen(ref float source, int index)
    {
        (TVector a, TVector b) = TLanes.Widen(ref source, index);
        (TVector c, TVector d) = TLanes.Widen(ref source, index + 2 * TLanes.Count);
        return new(a, b, c, d);
    }

    /// <summary>Writes all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref double target, int index)
    {
        TLanes.Store(_a, ref target, index);
        TLanes.Store(_b, ref target, index + TLanes.Count);
        TLanes.Store(_c, ref target, index + 2 * TLanes.Count);
        TLanes.Store(_d, ref target, index + 3 * TLanes.Count);
    }

    /// <summary>Each lane less the same number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TVector, TLanes> operator -(Quad<TVector, TLanes> left, TVector right) => new(
        TLanes.Subtract(left._a, right), TLanes.Subtract(left._b, right), TLanes.Subtract(left._c, right), TLanes.Subtract(left._d, right));

    /// <summary>The same number less each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TVector, TLanes> operator -(TVector left, Quad<TVector, TLanes> right) => new(
        TLanes.Subtract(left, right._a), TLanes.Subtract(left, right._b), TLanes.Subtract(left, right._c), TLanes.Subtract(left, right._d));

    /// <summary>This × factor + addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Quad<TVector, TLanes> MultiplyAdd(TVector factor, TVector addend) => new(
        TLanes.MultiplyAdd(_a, factor, addend), TLanes.MultiplyAdd(_b, factor, addend),
        TLanes.MultiplyAdd(_c, factor, addend), TLanes.MultiplyAdd(_d, factor, addend));

    /// <summary>This × factor + addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Quad<TVector, TLanes> MultiplyAdd(TVector factor, Quad<TVector, TLanes> addend) => new(
        TLanes.MultiplyAdd(_a, factor, addend._a), TLanes.MultiplyAdd(_b, factor, addend._b),
        TLanes.MultiplyAdd(_c, factor, addend._c), TLanes.MultiplyAdd(_d, factor, addend._d));

    /// <summary>This × factor + addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Quad<TVector, TLanes> MultiplyAdd(Quad<TVector, TLanes> factor, double addend)
    {
        TVector added = TLanes.Create(addend);
        return new(
            TLanes.MultiplyAdd(_a, factor._a, added), TLanes.MultiplyAdd(_b, factor._b, added),
            TLanes.MultiplyAdd(_c, factor._c, added), TLanes.MultiplyAdd(_d, factor._d, added));
    }

    /// <summary>As <see cref="ILanes{TVector}.Scale"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Quad<TVector, TLanes> Scale(Quad<TVector, TLanes> power, Quad<TVector, TLanes> compared, TVector least) => new(
        TLanes.Scale(_a, power._a, compared._a, least), TLanes.Scale(_b, power._b, compared._b, least),
        TLanes.Scale(_c, power._c, compared._c, least), TLanes.Scale(_d, power._d, compared._d, least));
}
