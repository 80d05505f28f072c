using System.Runtime.CompilerServices;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>Reads one output of a packed weight back: (code − zero point) × scale.</summary>
internal static unsafe class PackedRow
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read(PackedWeight* weight, int row, float* to)
    {
        WeightFormat format = weight->Format;
        (int tile, int lane) = Math.DivRem(row, WeightFormat.TileOutputs);
        int lines = format.LinesPerSlab, size = format.Activations.SlabSize;
        byte* block = weight->Tile(tile);
        for (int k = 0; k < weight->Columns; block += format.BlockBytes)
        {
            float scale = format.HasHalfScales ? (float)((Half*)block)[lane] : ((float*)block)[lane];
            int zeroPoint = format.HasZeroPoints ? ((short*)(block + format.ScaleBytes))[lane] : format.Middle;
            byte* codes = block + format.HeaderBytes
                + (lane / WeightFormat.LineOutputs * lines * WeightFormat.LineBytes) + (lane % WeightFormat.LineOutputs * sizeof(int));
            for (int slab = 0; slab < format.SlabsPerBlock && k < weight->Columns; slab++, codes += format.SlabCodeBytes)
                for (int i = 0; i < size && k < weight->Columns; i++, k++)
                {
                    // Behind the last line a slab of 4 bits goes on in the high halves of the first.
                    int line = i / sizeof(int);
                    int code = codes[(line % lines * WeightFormat.LineBytes) + (i % sizeof(int))];
                    if (format.Bits == 4)
                        code = line >= lines ? code >> 4 : code & 15;
                    to[k] = (code - zeroPoint) * scale;
                }
        }
    }
}
