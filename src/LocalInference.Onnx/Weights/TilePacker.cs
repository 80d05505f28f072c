using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Weights;

/// <summary>A matrix's tensors in memory, as <c>MatMulNBits</c> lays them out: what is packed from.</summary>
internal readonly unsafe struct MatrixTensors(MatrixSource source, WeightFiles files)
{
    private readonly byte* _codes = files.Address(source.Codes);
    private readonly byte* _scales = files.Address(source.Scales);
    private readonly byte* _zeroPoints = source.ZeroPoints is null ? null : files.Address(source.ZeroPoints);
    private readonly float* _bias = source.Bias is null ? null : (float*)files.Address(source.Bias);
    private readonly int _zeroPointRowBytes = ((source.BlockCount * source.Bits) + 7) / 8;

    public MatrixSource Source => source;

    /// <summary>A block's codes.</summary>
    public byte* Codes(int row, int block) => _codes + ((((long)row * source.BlockCount) + block) * (source.BlockSize * source.Bits / 8));

    public float Scale(int row, int block)
    {
        long at = ((long)row * source.BlockCount) + block;
        return source.HasHalfScales ? (float)((Half*)_scales)[at] : ((float*)_scales)[at];
    }

    /// <summary>Some of a row's scales, where they are fp32.</summary>
    public ReadOnlySpan<float> FloatScales(int row, int block, int count) =>
        new((float*)_scales + ((long)row * source.BlockCount) + block, Math.Min(count, source.BlockCount - block));

    public int ZeroPoint(int row, int block)
    {
        byte* zeroPoints = _zeroPoints + ((long)row * _zeroPointRowBytes);
        return source.Bits == 8 ? zeroPoints[block] : (zeroPoints[block / 2] >> (block % 2 * 4)) & 15;
    }

    public float Bias(int row) => _bias is null ? 0 : _bias[row];
}

/// <summary>Writes tiles (<see cref="WeightFormat"/> has the picture) from matrices as the file has them.</summary>
internal readonly unsafe struct TilePacker(MatrixTensors first, MatrixTensors? partner, WeightFormat format)
{
    /// <summary>Which row of which matrix an output of the packed weight is; null behind the last one.</summary>
    public (MatrixTensors Matrix, int Row)? RowOf(int output)
    {
        if (partner is not { } second)
            return output < first.Source.Rows ? (first, output) : null;
        int row = (output / WeightFormat.TileOutputs * WeightFormat.LineOutputs) + (output % WeightFormat.LineOutputs);
        if (row >= first.Source.Rows)
            return null;
        return (output % WeightFormat.TileOutputs < WeightFormat.LineOutputs ? first : second, row);
    }

    /// <summary>Writes one tile. Outputs behind the last get scales of zero and codes of zero.</summary>
    public void Pack(int tile, byte* to)
    {
        for (int lane = 0; lane < WeightFormat.TileOutputs; lane++)
        {
            if (RowOf((tile * WeightFormat.TileOutputs) + lane) is { } found)
                PackOutput(found.Matrix, found.Row, lane, to);
            else
                ClearOutput(lane, to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackOutput(MatrixTensors matrix, int row, int lane, byte* to)
    {
        for (int block = 0; block < matrix.Source.BlockCount; block++, to += format.BlockBytes)
        {
            float scale = matrix.Scale(row, block);
            if (format.HasHalfScales)
                ((Half*)to)[lane] = (Half)scale;
            else
                ((float*)to)[lane] = scale;
            if (format.HasZeroPoints)
                ((short*)(to + format.ScaleBytes))[lane] = (short)matrix.ZeroPoint(row, block);
            PackCodes(matrix.Codes(row, block), LineOf(lane, to + format.HeaderBytes));
        }
    }

    /// <summary>The output's place in the first line of a block.</summary>
    private uint* LineOf(int lane, byte* codes) =>
        (uint*)(codes + (lane / WeightFormat.LineOutputs * format.LinesPerSlab * WeightFormat.LineBytes))
        + (lane % WeightFormat.LineOutputs);

    private void PackCodes(byte* from, uint* to)
    {
        int lines = format.LinesPerSlab;
        for (int slab = 0; slab < format.SlabsPerBlock; slab++, to += format.SlabCodeBytes / sizeof(uint))
        {
            if (format.Bits == 8)
            {
                for (int line = 0; line < lines; line++, from += sizeof(uint))
                    to[line * WeightFormat.LineOutputs] = Unsafe.ReadUnaligned<uint>(from);
                continue;
            }
            // Four codes are two bytes; a line holds the four at its place in the slab's first half, and those at its place in the
            // second half.
            for (int line = 0; line < lines; line++, from += sizeof(ushort))
                to[line * WeightFormat.LineOutputs] =
                    Spread(Unsafe.ReadUnaligned<ushort>(from))
                    | (Spread(Unsafe.ReadUnaligned<ushort>(from + (lines * sizeof(ushort)))) << 4);
            from += lines * sizeof(ushort);
        }
    }

    /// <summary>Four codes of 4 bits to four bytes, the first code lowest.</summary>
    private static uint Spread(uint codes)
    {
        codes = (codes | (codes << 8)) & 0x00FF00FF;
        return (codes | (codes << 4)) & 0x0F0F0F0F;
    }

    private void ClearOutput(int lane, byte* to)
    {
        for (int block = 0; block < first.Source.BlockCount; block++, to += format.BlockBytes)
        {
            if (format.HasHalfScales)
                ((Half*)to)[lane] = default;
            else
                ((float*)to)[lane] = 0;
            if (format.HasZeroPoints)
                ((short*)(to + format.ScaleBytes))[lane] = 0;
            uint* codes = LineOf(lane, to + format.HeaderBytes);
            for (int slab = 0; slab < format.SlabsPerBlock; slab++, codes += format.SlabCodeBytes / sizeof(uint))
                for (int line = 0; line < format.LinesPerSlab; line++)
                    codes[line * WeightFormat.LineOutputs] = 0;
        }
    }
}
