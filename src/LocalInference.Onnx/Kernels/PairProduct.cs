using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels;

/// <summary>
/// <see cref="SmallProduct{TVector, TLanes}"/> over a B of 16 bits, two rows of it packed into a lane: widened in registers, so that memory and caches move
/// half the bytes. The arithmetic is the same, in the same order, in 32 bits. On the way what is read next is fetched, line for line, so that reading
/// memory and computing overlap.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
/// <typeparam name="TPairs">What the 16 bits are.</typeparam>
internal static unsafe class PairProduct<TVector, TLanes, TPairs>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
    where TPairs : struct, IPairs<TVector>
{
    /// <summary>Computes C = A × B (+ C × carry).</summary>
    /// <param name="a">[rows, depth].</param>
    /// <param name="b">[depth / 2, width] lanes.</param>
    /// <param name="c">[rows, width].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B; of the last lanes only the first half counts where it is odd.</param>
    /// <param name="width">Columns of B and C; a multiple of 16.</param>
    /// <param name="carry">What each row of C is multiplied by first; null when C is overwritten.</param>
    public static void Run(Rows a, PackedRows b, Rows c, int rows, int depth, int width, float* carry)
    {
        for (int row = 0; row < rows; row += 6)
            UpToSixRows(a.From(row), b, c.From(row), Math.Min(rows - row, 6), depth, width, carry is null ? null : carry + row);
    }

    /// <summary>Two vectors of columns for six rows: twelve sums hide the adders' latency, and B is read once for all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UpToSixRows(Rows a, PackedRows b, Rows c, int rows, int depth, int width, float* carry)
    {
        var at = new SixRows(a, c, rows);
        int w = TLanes.Width;
        int column = 0;
        for (; column + (2 * w) <= width; column += 2 * w)
        {
            byte* from = b.Start + (column * AttentionMemory.LaneBytes);
            float* c0 = at.C0 + column, c1 = at.C1 + column, c2 = at.C2 + column, c3 = at.C3 + column, c4 = at.C4 + column, c5 = at.C5 + column;
            float* a0 = at.A0, a1 = at.A1, a2 = at.A2, a3 = at.A3, a4 = at.A4, a5 = at.A5;
            Carried(carry, 0, c0, out TVector p0, out TVector p1);
            Carried(carry, at.Index1, c1, out TVector q0, out TVector q1);
            Carried(carry, at.Index2, c2, out TVector r0, out TVector r1);
            Carried(carry, at.Index3, c3, out TVector s0, out TVector s1);
            Carried(carry, at.Index4, c4, out TVector t0, out TVector t1);
            Carried(carry, at.Index5, c5, out TVector u0, out TVector u1);
            long k = 0;
            for (; k + 2 <= depth; k += 2, from += b.StrideBytes)
            {
                Ahead.Fetch(from + b.AheadBytes, 2 * w * AttentionMemory.LaneBytes);
                (TVector b0, TVector d0) = TPairs.Load(from);
                (TVector b1, TVector d1) = TPairs.Load(from + (w * AttentionMemory.LaneBytes));
                Step(a0[k], b0, b1, ref p0, ref p1);
                Step(a1[k], b0, b1, ref q0, ref q1);
                Step(a2[k], b0, b1, ref r0, ref r1);
                Step(a3[k], b0, b1, ref s0, ref s1);
                Step(a4[k], b0, b1, ref t0, ref t1);
                Step(a5[k], b0, b1, ref u0, ref u1);
                Step(a0[k + 1], d0, d1, ref p0, ref p1);
                Step(a1[k + 1], d0, d1, ref q0, ref q1);
                Step(a2[k + 1], d0, d1, ref r0, ref r1);
                Step(a3[k + 1], d0, d1, ref s0, ref s1);
                Step(a4[k + 1], d0, d1, ref t0, ref t1);
                Step(a5[k + 1], d0, d1, ref u0, ref u1);
            }
            if (k < depth)
            {
                TVector b0 = TPairs.Load(from).First, b1 = TPairs.Load(from + (w * AttentionMemory.LaneBytes)).First;
                Step(a0[k], b0, b1, ref p0, ref p1);
                Step(a1[k], b0, b1, ref q0, ref q1);
                Step(a2[k], b0, b1, ref r0, ref r1);
                Step(a3[k], b0, b1, ref s0, ref s1);
                Step(a4[k], b0, b1, ref t0, ref t1);
                Step(a5[k], b0, b1, ref u0, ref u1);
            }
            Store(c0, p0, p1);
            Store(c1, q0, q1);
            Store(c2, r0, r1);
            Store(c3, s0, s1);
            Store(c4, t0, t1);
            Store(c5, u0, u1);
        }
        for (; column < width; column += w)
            for (int row = 0; row < rows; row++)
                OneVector(
                    a.At(row), b.Start + (column * AttentionMemory.LaneBytes), b.StrideBytes, c.At(row) + column, depth,
                    carry is null ? null : carry + row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneVector(float* a, byte* from, long stride, float* c, int depth, float* carry)
    {
        TVector sum = carry is null ? default : TLanes.Multiply(TLanes.Load(c), TLanes.Broadcast(*carry));
        for (int k = 0; k < depth; k += 2, from += stride)
        {
            (TVector first, TVector second) = TPairs.Load(from);
            sum = TLanes.MultiplyAdd(TLanes.Broadcast(a[k]), first, sum);
            if (k + 1 < depth)
                sum = TLanes.MultiplyAdd(TLanes.Broadcast(a[k + 1]), second, sum);
        }
        TLanes.Store(sum, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float a, TVector b0, TVector b1, ref TVector sum0, ref TVector sum1)
    {
        TVector factor = TLanes.Broadcast(a);
        sum0 = TLanes.MultiplyAdd(factor, b0, sum0);
        sum1 = TLanes.MultiplyAdd(factor, b1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carried(float* carry, int row, float* c, out TVector v0, out TVector v1)
    {
        if (carry is null)
        {
            v0 = v1 = default;
            return;
        }
        TVector factor = TLanes.Broadcast(carry[row]);
        v0 = TLanes.Multiply(TLanes.Load(c), factor);
        v1 = TLanes.Multiply(TLanes.Load(c + TLanes.Width), factor);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, TVector v0, TVector v1)
    {
        TLanes.Store(v0, to);
        TLanes.Store(v1, to + TLanes.Width);
    }
}

/// <summary>A matrix of packed lanes in memory.</summary>
/// <param name="start">Its first lane.</param>
/// <param name="stride">Lanes from one packed row to the next.</param>
/// <param name="aheadBytes">Bytes from a lane here to the one that is read next; 0 where nothing is.</param>
internal readonly unsafe struct PackedRows(byte* start, int stride, long aheadBytes)
{
    public byte* Start => start;

    public long StrideBytes => (long)stride * AttentionMemory.LaneBytes;

    public long AheadBytes => aheadBytes;
}
