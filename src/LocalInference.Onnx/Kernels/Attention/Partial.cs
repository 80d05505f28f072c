using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// Attention over a part of the context, for some heads: a running online softmax, which folds with that of the part that follows into the one over both.
/// </summary>
internal readonly unsafe struct Partial
{
    private const int LineFloats = 16;

    private readonly int _padded;

    /// <summary>Lays it out.</summary>
    /// <param name="start">At least <see cref="FloatsOf"/>, from a cache line on.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="padded">Floats of a head's outputs; a multiple of 16.</param>
    public Partial(float* start, int heads, int padded)
    {
        _padded = padded;
        Outputs = start;
        Maxima = start + (heads * padded);
        Sums = Maxima + Round(heads);
    }

    /// <summary>Sums of weighted values, [heads, padded head size].</summary>
    public float* Outputs { get; }

    /// <summary>Maxima of scores, [heads].</summary>
    public float* Maxima { get; }

    /// <summary>Sums of weights, [heads].</summary>
    public float* Sums { get; }

    /// <summary>What it takes: whole cache lines.</summary>
    public static int FloatsOf(int heads, int padded) => (heads * padded) + (2 * Round(heads));

    /// <summary>Sets it to no context at all.</summary>
    public void Clear(int heads)
    {
        new Span<float>(Outputs, heads * _padded).Clear();
        new Span<float>(Sums, heads).Clear();
        new Span<float>(Maxima, heads).Fill(float.NegativeInfinity);
    }

    /// <summary>Adds the part of the context that follows: in this order always, since sums of floats depend on it.</summary>
    /// <param name="next">That part; at least one token of it counts for each of the heads.</param>
    /// <param name="head">The first head.</param>
    /// <param name="end">The one behind the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fold<TVector, TLanes>(in Partial next, int head, int end)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (; head < end; head++)
        {
            float reached = MathF.Max(Maxima[head], next.Maxima[head]);
            TVector carry = Exponential.PowerOfTwo<TVector, TLanes>(TLanes.Broadcast(Maxima[head] - reached));
            TVector nextCarry = Exponential.PowerOfTwo<TVector, TLanes>(TLanes.Broadcast(next.Maxima[head] - reached));
            Maxima[head] = reached;
            Sums[head] = (Sums[head] * TLanes.MaxAcross(carry)) + (next.Sums[head] * TLanes.MaxAcross(nextCarry));
            float* to = Outputs + (head * _padded), from = next.Outputs + (head * _padded);
            for (int d = 0; d < _padded; d += TLanes.Width)
                TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(from + d), nextCarry, TLanes.Multiply(TLanes.Load(to + d), carry)), to + d);
        }
    }

    private static int Round(int floats) => (floats + LineFloats - 1) / LineFloats * LineFloats;
}
