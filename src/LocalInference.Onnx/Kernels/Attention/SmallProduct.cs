using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>
/// C = A × B (+ C × carry), for the few rows of a head group: scores (A = queries, B = keys, transposed) and weighted values (A = weights, B = values).
/// Every element of C is one sum along the depth in one order, so its bits do not depend on how many rows or columns run together.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
/// <typeparam name="TTerms">What the lanes of A and B are.</typeparam>
internal static unsafe class SmallProduct<TVector, TLanes, TTerms>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
    where TTerms : struct, ITerms<TVector>
{
    /// <summary>Computes the product.</summary>
    /// <param name="a">[rows, depth].</param>
    /// <param name="b">[depth, width].</param>
    /// <param name="c">[rows, width].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Lanes of a row of A, rows of B.</param>
    /// <param name="width">Columns of B and C; a multiple of 16.</param>
    /// <param name="scales">What each row of A stands for; null for floats.</param>
    /// <param name="carry">What each row of C is multiplied by first; null when C is overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(Rows a, Rows b, Rows c, int rows, int depth, int width, float* scales, float* carry)
    {
        int row = 0, part = 0, parts = (rows + 1) / 2;
        for (; row + 2 <= rows; row += 2, part++)
            TwoRows(a.From(row), b.FetchingPart(part, parts), c.From(row), depth, width, scales is null ? null : scales + row, carry is null ? null : carry + row);
        if (row < rows)
            OneRow(a.At(row), b.FetchingPart(part, parts), c.At(row), depth, width, scales is null ? 1 : scales[row], carry is null ? null : carry + row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoRows(Rows a, Rows b, Rows c, int depth, int width, float* scales, float* carry)
    {
        float* upper = a.Start, lower = a.At(1);
        float scale = scales is null ? 1 : scales[0], lowerScale = scales is null ? 1 : scales[1];
        int column = 0, w = TLanes.Width, step = w * TTerms.RightBytes;
        for (; column + (4 * w) <= width; column += 4 * w)
        {
            byte* from = (byte*)b.Start + (column * TTerms.RightBytes);
            TVector x0 = default, x1 = default, x2 = default, x3 = default, y0 = default, y1 = default, y2 = default, y3 = default;
            for (int k = 0; k < depth; k++, from += b.Stride * TTerms.RightBytes)
            {
                Ahead.Fetch(from + b.AheadBytes, b.AheadLines);
                TVector b0 = TTerms.Load(from), b1 = TTerms.Load(from + step), b2 = TTerms.Load(from + (2 * step)), b3 = TTerms.Load(from + (3 * step));
                TVector p = TLanes.Broadcast(upper[k]), q = TLanes.Broadcast(lower[k]);
                x0 = TTerms.Add(p, b0, x0);
                x1 = TTerms.Add(p, b1, x1);
                x2 = TTerms.Add(p, b2, x2);
                x3 = TTerms.Add(p, b3, x3);
                y0 = TTerms.Add(q, b0, y0);
                y1 = TTerms.Add(q, b1, y1);
                y2 = TTerms.Add(q, b2, y2);
                y3 = TTerms.Add(q, b3, y3);
            }
            Store(c.Start + column, scale, carry, x0, x1, x2, x3);
            Store(c.At(1) + column, lowerScale, carry is null ? null : carry + 1, y0, y1, y2, y3);
        }
        for (; column < width; column += w)
        {
            OneVector(upper, b, c.Start, column, depth, scale, carry);
            OneVector(lower, b, c.At(1), column, depth, lowerScale, carry is null ? null : carry + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow(float* a, Rows b, float* c, int depth, int width, float scale, float* carry)
    {
        int column = 0, w = TLanes.Width, step = w * TTerms.RightBytes;
        for (; column + (4 * w) <= width; column += 4 * w)
        {
            byte* from = (byte*)b.Start + (column * TTerms.RightBytes);
            TVector x0 = default, x1 = default, x2 = default, x3 = default;
            for (int k = 0; k < depth; k++, from += b.Stride * TTerms.RightBytes)
            {
                Ahead.Fetch(from + b.AheadBytes, b.AheadLines);
                TVector p = TLanes.Broadcast(a[k]);
                x0 = TTerms.Add(p, TTerms.Load(from), x0);
                x1 = TTerms.Add(p, TTerms.Load(from + step), x1);
                x2 = TTerms.Add(p, TTerms.Load(from + (2 * step)), x2);
                x3 = TTerms.Add(p, TTerms.Load(from + (3 * step)), x3);
            }
            Store(c + column, scale, carry, x0, x1, x2, x3);
        }
        for (; column < width; column += w)
            OneVector(a, b, c, column, depth, scale, carry);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneVector(float* a, Rows b, float* c, int column, int depth, float scale, float* carry)
    {
        byte* from = (byte*)b.Start + (column * TTerms.RightBytes);
        TVector sum = default;
        for (int k = 0; k < depth; k++, from += b.Stride * TTerms.RightBytes)
            sum = TTerms.Add(TLanes.Broadcast(a[k]), TTerms.Load(from), sum);
        Store(c + column, scale, carry, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, float scale, float* carry, TVector v0, TVector v1, TVector v2, TVector v3)
    {
        Store(to, scale, carry, v0);
        Store(to + TLanes.Width, scale, carry, v1);
        Store(to + (2 * TLanes.Width), scale, carry, v2);
        Store(to + (3 * TLanes.Width), scale, carry, v3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, float scale, float* carry, TVector sum)
    {
        TVector value = TTerms.Finish(sum, scale);
        TLanes.Store(carry is null ? value : TLanes.MultiplyAdd(TLanes.Load(to), TLanes.Broadcast(*carry), value), to);
    }
}

/// <summary>A matrix of lanes in memory: of 32 bits but for cached bytes, whose lanes have 16 and which products alone know how to step through.</summary>
/// <param name="start">Its first element.</param>
/// <param name="stride">Lanes from one row to the next.</param>
/// <param name="aheadBytes">Bytes from a lane here to one that will be read next and is fetched on the way; 0 where nothing is.</param>
/// <param name="aheadLines">Cache lines, of four of such lanes that are read at once, that are fetched.</param>
internal readonly unsafe struct Rows(float* start, int stride, long aheadBytes = 0, int aheadLines = 0)
{
    private const int LinesAtOnce = 4;
    private const int LineBytes = 64;

    public float* Start => start;

    public int Stride => stride;

    public long AheadBytes => aheadBytes;

    public int AheadLines => aheadLines;

    public float* At(int row) => start + ((long)row * stride);

    /// <summary>The same without its first rows.</summary>
    public Rows From(int row) => new(At(row), stride);

    /// <summary>The same, nothing fetched.</summary>
    public Rows WithoutAhead() => new(start, stride);

    /// <summary>The same; each of several passes over it fetches its part, so that memory is asked evenly.</summary>
    public Rows FetchingPart(int part, int parts)
    {
        int first = LinesAtOnce * part / parts, end = LinesAtOnce * (part + 1) / parts;
        return aheadBytes == 0 ? this : new Rows(start, stride, aheadBytes + (first * LineBytes), end - first);
    }
}
