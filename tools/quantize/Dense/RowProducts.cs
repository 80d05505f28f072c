using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalInference.Quantize.Dense;

/// <summary>Rows with their distance in memory: a matrix or a part of one.</summary>
/// <param name="Values">From the first row's first element on.</param>
/// <param name="Stride">Elements from one row to the next.</param>
/// <param name="Count">Rows.</param>
internal readonly ref struct RowSet(ReadOnlySpan<float> Values, int Stride, int Count)
{
    public ReadOnlySpan<float> Values { get; } = Values;

    public int Stride { get; } = Stride;

    public int Count { get; } = Count;
}

/// <summary>Dot products of all rows of one matrix with all rows of another, in single precision: the one product that calibration and
/// factorisation need.</summary>
internal static class RowProducts
{
    private const int TileRows = 4;
    private const int TileColumns = 2;

    /// <summary>result[i, j] = a[i] · b[j] over the first elements of each.</summary>
    public static void Multiply(RowSet a, RowSet b, int length, Span<float> result, int resultStride)
    {
        for (int i = 0; i < a.Count; i += TileRows)
            for (int j = 0; j < b.Count; j += TileColumns)
            {
                int rows = Math.Min(TileRows, a.Count - i), columns = Math.Min(TileColumns, b.Count - j);
                Span<float> tile = result[((i * resultStride) + j)..];
                if (rows == TileRows && columns == TileColumns)
                    Tile(a.Values[(i * a.Stride)..], a.Stride, b.Values[(j * b.Stride)..], b.Stride, length, tile, resultStride);
                else
                    Edge(a, b, i, j, rows, columns, length, tile, resultStride);
            }
    }

    private static void Edge(RowSet a, RowSet b, int first, int second, int rows, int columns, int length, Span<float> tile, int stride)
    {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                tile[(i * stride) + j] = System.Numerics.Tensors.TensorPrimitives.Dot(
                    a.Values.Slice((first + i) * a.Stride, length), b.Values.Slice((second + j) * b.Stride, length));
    }

    // Eight sums in registers: each element that is loaded is used at least twice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(ReadOnlySpan<float> a, int aStride, ReadOnlySpan<float> b, int bStride, int length, Span<float> tile,
        int stride)
    {
        ref float a0 = ref MemoryMarshal.GetReference(a), a1 = ref Unsafe.Add(ref a0, aStride), a2 = ref Unsafe.Add(ref a1, aStride),
            a3 = ref Unsafe.Add(ref a2, aStride);
        ref float b0 = ref MemoryMarshal.GetReference(b), b1 = ref Unsafe.Add(ref b0, bStride);
        Vector<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default,
            s31 = default;
        int k = 0;
        for (; k + Vector<float>.Count <= length; k += Vector<float>.Count)
        {
            Vector<float> y0 = Vector.LoadUnsafe(ref b0, (nuint)k), y1 = Vector.LoadUnsafe(ref b1, (nuint)k);
            Vector<float> x = Vector.LoadUnsafe(ref a0, (nuint)k);
            s00 = Vector.FusedMultiplyAdd(x, y0, s00);
            s01 = Vector.FusedMultiplyAdd(x, y1, s01);
            x = Vector.LoadUnsafe(ref a1, (nuint)k);
            s10 = Vector.FusedMultiplyAdd(x, y0, s10);
            s11 = Vector.FusedMultiplyAdd(x, y1, s11);
            x = Vector.LoadUnsafe(ref a2, (nuint)k);
            s20 = Vector.FusedMultiplyAdd(x, y0, s20);
            s21 = Vector.FusedMultiplyAdd(x, y1, s21);
            x = Vector.LoadUnsafe(ref a3, (nuint)k);
            s30 = Vector.FusedMultiplyAdd(x, y0, s30);
            s31 = Vector.FusedMultiplyAdd(x, y1, s31);
        }
        tile[0] = Vector.Sum(s00);
        tile[1] = Vector.Sum(s01);
        tile[stride] = Vector.Sum(s10);
        tile[stride + 1] = Vector.Sum(s11);
        tile[2 * stride] = Vector.Sum(s20);
        tile[(2 * stride) + 1] = Vector.Sum(s21);
        tile[3 * stride] = Vector.Sum(s30);
        tile[(3 * stride) + 1] = Vector.Sum(s31);
        for (; k < length; k++)
            for (int i = 0; i < TileRows; i++)
                for (int j = 0; j < TileColumns; j++)
                    tile[(i * stride) + j] += a[(i * aStride) + k] * b[(j * bStride) + k];
    }
}
