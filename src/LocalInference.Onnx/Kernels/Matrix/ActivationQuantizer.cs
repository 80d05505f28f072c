using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// Rounds floats to int8 as ONNX Runtime does at accuracy level 4: per block the largest magnitude becomes 127, ties to even.
/// </summary>
internal static unsafe class ActivationQuantizer
{
    private const int Lanes = 16;
    private const float Largest = 127;

    /// <summary>Writes one row's block into a group's stream.</summary>
    /// <param name="values">A whole block; 64 bytes of alignment are not needed.</param>
    /// <param name="format">How.</param>
    /// <param name="slab">The block's first slab in the stream.</param>
    /// <param name="rows">Rows of the group.</param>
    /// <param name="row">Which of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBlock(float* values, in ActivationFormat format, byte* slab, int rows, int row)
    {
        Vector512<float> largest = default;
        for (int i = 0; i < format.BlockSize; i += Lanes)
            largest = Vector512.MaxNative(largest, Vector512.Abs(Vector512.Load(values + i)));
        float max = MaxAcross(largest);
        var inverse = Vector512.Create(max > 0 ? Largest / max : 0);
        int size = format.SlabSize;
        for (int i = 0; i < format.BlockSize; i += size, slab += rows * format.SlabBytes)
        {
            var to = (sbyte*)slab + (row * size);
            Vector512<int> sum = Write(values + i, inverse, to);
            if (size > Lanes)
                sum += Write(values + i + Lanes, inverse, to + Lanes);
            ((float*)(slab + (rows * size)))[row] = max / Largest;
            ((int*)(slab + (rows * (size + sizeof(float)))))[row] = -format.ZeroPoint * Vector512.Sum(sum);
        }
    }

    /// <summary>Where a block of a row begins in the rows' streams.</summary>
    public static byte* BlockAt(byte* stream, in ActivationFormat format, int columns, int firstRow, int rows, int block) =>
        stream + ((long)firstRow * format.RowBytes(columns)) + ((long)block * rows * format.SlabBytes * (format.BlockSize / format.SlabSize));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Write(float* from, Vector512<float> inverse, sbyte* to)
    {
        Vector512<float> scaled = Vector512.Load(from) * inverse;
        if (Avx512F.IsSupported)
        {
            // The two conversions do at once what takes three and six instructions below.
            Vector512<int> integers = Avx512F.ConvertToVector512Int32(scaled);
            Avx512F.ConvertToVector128SByte(integers).Store(to);
            return integers;
        }
        Vector512<int> rounded = Vector512.ConvertToInt32Native(Vector512.Round(scaled));
        Vector256<short> narrow = Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
        Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).Store(to);
        return rounded;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float MaxAcross(Vector512<float> value)
    {
        Vector256<float> eight = Vector256.MaxNative(value.GetLower(), value.GetUpper());
        return Across.Max(Vector128.MaxNative(eight.GetLower(), eight.GetUpper()));
    }
}
