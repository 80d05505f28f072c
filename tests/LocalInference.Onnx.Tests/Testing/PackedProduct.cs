using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Matrix;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>Runs kernels over a packed weight without ONNX Runtime: quantises rows, multiplies every tile, gives back rows.</summary>
internal static unsafe class PackedProduct
{
    /// <summary>Rows × the store's first weight, without bias.</summary>
    /// <param name="store">One weight.</param>
    /// <param name="input">[rows][K].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="path">The kernels.</param>
    /// <param name="usesEvex">Encodes the AVX-VNNI path so that AVX-512 machines can run it.</param>
    public static float[] Run(WeightStore store, float[] input, int rows, KernelPath path, bool usesEvex = false)
    {
        PackedWeight* weight = store.Weights;
        int outputs = weight->Rows, padded = weight->TileCount * WeightFormat.TileOutputs;
        using NativeBuffer<byte> activations = Quantize(input, rows, weight->Columns, weight->Format.Activations);
        using var result = new NativeBuffer<float>(RowGroups.MaxRows * WeightFormat.TileOutputs);
        var output = new float[rows * outputs];
        var groups = new RowGroups(rows);
        for (int group = 0; group < groups.Count; group++)
        {
            int first = groups.First(group), size = groups.Size(group);
            using ExecutablePages? code = path == KernelPath.Portable ? null : ExecutablePages.TryMake([ProductKernel.Assemble(weight->Format, size, path, usesEvex)]);
            byte* from = activations.Address + ((long)first * weight->Format.Activations.RowBytes(weight->Columns));
            for (int tile = 0; tile < weight->TileCount; tile++)
            {
                if (code is null)
                    PortableKernel.Run(weight->Format, size, weight->Tile(tile), from, result.Address, weight->BlockCount);
                else
                    ((delegate* unmanaged<byte*, byte*, float*, nint, void>)code.Entries[0])(weight->Tile(tile), from, result.Address, weight->BlockCount);
                for (int row = 0; row < size; row++)
                    for (int i = 0; i < WeightFormat.TileOutputs && (tile * WeightFormat.TileOutputs) + i < outputs; i++)
                        output[((first + row) * outputs) + (tile * WeightFormat.TileOutputs) + i] = result.Address[(row * WeightFormat.TileOutputs) + i];
            }
        }
        return output;
    }

    /// <summary>The stream of rows; the caller frees it.</summary>
    public static NativeBuffer<byte> Quantize(float[] input, int rows, int columns, ActivationFormat format)
    {
        var stream = new NativeBuffer<byte>(Math.Max(1, rows) * (long)format.RowBytes(columns));
        var groups = new RowGroups(rows);
        var block = new float[format.BlockSize];
        for (int group = 0; group < groups.Count; group++)
            for (int row = 0; row < groups.Size(group); row++)
                for (int b = 0; b * format.BlockSize < columns; b++)
                {
                    Array.Clear(block);
                    int valid = Math.Min(format.BlockSize, columns - (b * format.BlockSize));
                    Array.Copy(input, ((groups.First(group) + row) * columns) + (b * format.BlockSize), block, 0, valid);
                    fixed (float* values = block)
                        ActivationQuantizer.WriteBlock(
                            values, format, ActivationQuantizer.BlockAt(stream.Address, format, columns, groups.First(group), groups.Size(group), b), groups.Size(group), row);
                }
        return stream;
    }
}
