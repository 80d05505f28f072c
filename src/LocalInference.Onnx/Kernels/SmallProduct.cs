using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels;

/// <summary>
/// C = A × B (+ C × carry), for the few rows of a head group: scores (A = queries, B = keys, transposed) and weighted values (A = weights, B = values).
/// Every element of C is one chain of multiply-adds along the depth, so its bits do not depend on how many rows or columns run together.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static unsafe class SmallProduct<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <summary>Computes the product.</summary>
    /// <param name="a">[rows, depth].</param>
    /// <param name="b">[depth, width].</param>
    /// <param name="c">[rows, width].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="width">Columns of B and C; a multiple of 16.</param>
    /// <param name="carry">What each row of C is multiplied by first; null when C is overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(Rows a, Rows b, Rows c, int rows, int depth, int width, float* carry)
    {
        int row = 0;
        for (; row + 2 <= rows; row += 2)
            TwoRows(a.At(row), a.Stride, b, c.At(row), c.Stride, depth, width, carry is null ? null : carry + row);
        if (row < rows)
            OneRow(a.At(row), b, c.At(row), depth, width, carry is null ? null : carry + row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoRows(float* a, int aStride, Rows b, float* c, int cStride, int depth, int width, float* carry)
    {
        int column = 0, w = TLanes.Width;
        for (; column + (4 * w) <= width; column += 4 * w)
        {
            float* x = c + column, y = x + cStride, from = b.Start + column;
            Carried(carry, 0, x, out TVector x0, out TVector x1, out TVector x2, out TVector x3);
            Carried(carry, 1, y, out TVector y0, out TVector y1, out TVector y2, out TVector y3);
            for (int k = 0; k < depth; k++, from += b.Stride)
            {
                TVector b0 = TLanes.Load(from), b1 = TLanes.Load(from + w), b2 = TLanes.Load(from + (2 * w)), b3 = TLanes.Load(from + (3 * w));
                TVector p = TLanes.Broadcast(a[k]), q = TLanes.Broadcast(a[aStride + k]);
                x0 = TLanes.MultiplyAdd(p, b0, x0);
                x1 = TLanes.MultiplyAdd(p, b1, x1);
                x2 = TLanes.MultiplyAdd(p, b2, x2);
                x3 = TLanes.MultiplyAdd(p, b3, x3);
                y0 = TLanes.MultiplyAdd(q, b0, y0);
                y1 = TLanes.MultiplyAdd(q, b1, y1);
                y2 = TLanes.MultiplyAdd(q, b2, y2);
                y3 = TLanes.MultiplyAdd(q, b3, y3);
            }
            Store(x, x0, x1, x2, x3);
            Store(y, y0, y1, y2, y3);
        }
        for (; column < width; column += w)
        {
            OneVector(a, b, c, column, depth, carry);
            OneVector(a + aStride, b, c + cStride, column, depth, carry is null ? null : carry + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow(float* a, Rows b, float* c, int depth, int width, float* carry)
    {
        int column = 0, w = TLanes.Width;
        for (; column + (4 * w) <= width; column += 4 * w)
        {
            float* x = c + column, from = b.Start + column;
            Carried(carry, 0, x, out TVector x0, out TVector x1, out TVector x2, out TVector x3);
            for (int k = 0; k < depth; k++, from += b.Stride)
            {
                TVector p = TLanes.Broadcast(a[k]);
                x0 = TLanes.MultiplyAdd(p, TLanes.Load(from), x0);
                x1 = TLanes.MultiplyAdd(p, TLanes.Load(from + w), x1);
                x2 = TLanes.MultiplyAdd(p, TLanes.Load(from + (2 * w)), x2);
                x3 = TLanes.MultiplyAdd(p, TLanes.Load(from + (3 * w)), x3);
            }
            Store(x, x0, x1, x2, x3);
        }
        for (; column < width; column += w)
            OneVector(a, b, c, column, depth, carry);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneVector(float* a, Rows b, float* c, int column, int depth, float* carry)
    {
        float* from = b.Start + column;
        TVector sum = carry is null ? default : TLanes.Multiply(TLanes.Load(c + column), TLanes.Broadcast(*carry));
        for (int k = 0; k < depth; k++, from += b.Stride)
            sum = TLanes.MultiplyAdd(TLanes.Broadcast(a[k]), TLanes.Load(from), sum);
        TLanes.Store(sum, c + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carried(float* carry, int row, float* c, out TVector v0, out TVector v1, out TVector v2, out TVector v3)
    {
        if (carry is null)
        {
            v0 = v1 = v2 = v3 = default;
            return;
        }
        TVector factor = TLanes.Broadcast(carry[row]);
        v0 = TLanes.Multiply(TLanes.Load(c), factor);
        v1 = TLanes.Multiply(TLanes.Load(c + TLanes.Width), factor);
        v2 = TLanes.Multiply(TLanes.Load(c + (2 * TLanes.Width)), factor);
        v3 = TLanes.Multiply(TLanes.Load(c + (3 * TLanes.Width)), factor);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, TVector v0, TVector v1, TVector v2, TVector v3)
    {
        TLanes.Store(v0, to);
        TLanes.Store(v1, to + TLanes.Width);
        TLanes.Store(v2, to + (2 * TLanes.Width));
        TLanes.Store(v3, to + (3 * TLanes.Width));
    }
}

/// <summary>A matrix in memory.</summary>
/// <param name="start">Its first element.</param>
/// <param name="stride">Floats from one row to the next.</param>
internal readonly unsafe struct Rows(float* start, int stride)
{
    public float* Start => start;

    public int Stride => stride;

    public float* At(int row) => start + ((long)row * stride);

    /// <summary>The same without its first rows.</summary>
    public Rows From(int row) => new(At(row), stride);
}
