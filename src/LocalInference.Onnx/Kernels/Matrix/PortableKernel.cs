using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// A tile times a group of rows in C#, on any processor: what <see cref="ProductKernel"/>'s code is tested against, bit for bit, and what runs where
/// code cannot be assembled. Integer sums are exact; floats are added slab by slab, rounded once each, exactly as there.
/// </summary>
internal static unsafe class PortableKernel
{
    private const int LineOutputs = WeightFormat.LineOutputs;

    /// <summary>As the assembled kernels' signature, with what they have built in.</summary>
    /// <param name="format">The weight's.</param>
    /// <param name="rows">Rows of the group.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="activations">The group's stream.</param>
    /// <param name="result">[rows][32].</param>
    /// <param name="blocks">Blocks along K.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Run(in WeightFormat format, int rows, byte* tile, byte* activations, float* result, int blocks)
    {
        ActivationFormat input = format.Activations;
        float* scales = stackalloc float[WeightFormat.TileOutputs];
        new Span<float>(result, rows * WeightFormat.TileOutputs).Clear();
        for (int block = 0; block < blocks; block++)
        {
            for (int i = 0; i < WeightFormat.TileOutputs; i++)
                scales[i] = format.HasHalfScales ? (float)((Half*)tile)[i] : ((float*)tile)[i];
            short* zeroPoints = format.HasZeroPoints ? (short*)(tile + format.ScaleBytes) : null;
            tile += format.HeaderBytes;
            for (int slab = 0; slab < format.SlabsPerBlock; slab++)
            {
                AddSlab(format, rows, tile, activations, scales, zeroPoints, result);
                tile += format.SlabCodeBytes;
                activations += rows * input.SlabBytes;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void AddSlab(in WeightFormat format, int rows, byte* codes, byte* activations, float* scales, short* zeroPoints, float* result)
    {
        int size = format.Activations.SlabSize;
        int* sums = stackalloc int[LineOutputs];
        var rowScales = (float*)(activations + (rows * size));
        var corrections = (int*)(rowScales + rows);
        for (int half = 0; half < WeightFormat.TileOutputs / LineOutputs; half++, codes += format.LinesPerSlab * WeightFormat.LineBytes)
            for (int row = 0; row < rows; row++)
            {
                Sum(format, codes, (sbyte*)activations + (row * size), sums);
                for (int i = 0; i < LineOutputs; i++)
                    sums[i] += zeroPoints is null ? corrections[row] : zeroPoints[(half * LineOutputs) + i] * corrections[row];
                float* totals = result + (row * WeightFormat.TileOutputs) + (half * LineOutputs);
                Vector512<float> factors = Vector512.Load(scales + (half * LineOutputs)) * Vector512.Create(rowScales[row]);
                Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(Vector512.Load(sums)), factors, Vector512.Load(totals)).Store(totals);
            }
    }

    /// <summary>Σ a·code over a slab for the 16 outputs of its lines.</summary>
    /// <remarks>Each product is a 16-bit lane of its own; eight of at most 15 × 127 fit. 8-bit codes are two such halves.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(in WeightFormat format, byte* codes, sbyte* activations, int* sums)
    {
        Vector512<short> low0 = default, low1 = default, high0 = default, high1 = default;
        int lines = format.LinesPerSlab;
        for (int line = 0; line < lines; line++)
        {
            Vector512<byte> both = Vector512.Load(codes + (line * WeightFormat.LineBytes));
            Vector512<byte> low = both & Vector512.Create((byte)15), high = (both.AsUInt16() >>> 4).AsByte() & Vector512.Create((byte)15);
            Vector512<short> ofLow = Repeat(activations + (line * 4));
            Vector512<short> ofHigh = format.Bits == 4 ? Repeat(activations + ((lines + line) * 4)) : ofLow;
            low0 += Vector512.WidenLower(low).AsInt16() * ofLow;
            low1 += Vector512.WidenUpper(low).AsInt16() * ofLow;
            high0 += Vector512.WidenLower(high).AsInt16() * ofHigh;
            high1 += Vector512.WidenUpper(high).AsInt16() * ofHigh;
        }
        int highFactor = format.Bits == 4 ? 1 : 16;
        AddFours(low0, high0, highFactor, sums);
        AddFours(low1, high1, highFactor, sums + (LineOutputs / 2));
    }

    /// <summary>Four activations as 16-bit lanes, over and over.</summary>
    private static Vector512<short> Repeat(sbyte* four)
    {
        Vector64<short> wide = Vector64.Create((short)four[0], four[1], four[2], four[3]);
        return Vector512.Create(wide.AsUInt64().ToScalar()).AsInt16();
    }

    /// <summary>Adds the four products of each of eight outputs.</summary>
    [SkipLocalsInit]
    private static void AddFours(Vector512<short> low, Vector512<short> high, int highFactor, int* sums)
    {
        int* pairs = stackalloc int[LineOutputs];
        (AddTwos(low) + (AddTwos(high) * highFactor)).Store(pairs);
        for (int i = 0; i < LineOutputs / 2; i++)
            sums[i] = pairs[2 * i] + pairs[(2 * i) + 1];
    }

    private static Vector512<int> AddTwos(Vector512<short> products)
    {
        Vector512<int> pairs = products.AsInt32();
        return ((pairs << 16) >> 16) + (pairs >> 16);
    }
}
