namespace LocalInference.Quantize.Quantization;

/// <summary>One row of a matrix in blocks, not yet packed; reused from row to row.</summary>
/// <param name="format">How.</param>
/// <param name="columns">Elements of the row.</param>
internal sealed class QuantizedRow(BlockFormat format, int columns)
{
    public BlockFormat Format => format;

    public int Columns => columns;

    public int BlockCount { get; } = format.BlockCount(columns);

    /// <summary>A code for each element; those beyond the row are 0, as the official exporter writes them.</summary>
    public byte[] Codes { get; } = new byte[format.BlockCount(columns) * format.BlockSize];

    public float[] Scales { get; } = new float[format.BlockCount(columns)];

    /// <summary>A zero point for each block; the middle code in symmetric formats.</summary>
    public byte[] ZeroPoints { get; } = new byte[format.BlockCount(columns)];

    /// <summary>Elements of a block that exist.</summary>
    public int Length(int block) => Math.Min(format.BlockSize, columns - (block * format.BlockSize));

    /// <summary>Codes of a block's elements.</summary>
    public Span<byte> Block(int block) => Codes.AsSpan(block * format.BlockSize, Length(block));

    /// <summary>What the row is worth once it is read back.</summary>
    public void Dequantize(Span<float> row)
    {
        for (int block = 0; block < BlockCount; block++)
        {
            ReadOnlySpan<byte> codes = Block(block);
            Span<float> values = row.Slice(block * format.BlockSize, codes.Length);
            float scale = Scales[block];
            int zero = ZeroPoints[block];
            for (int i = 0; i < codes.Length; i++)
                values[i] = (codes[i] - zero) * scale;
        }
    }

    /// <summary>Packs the codes: at 4 bits the even element lies in the low nibble.</summary>
    public void PackCodes(Span<byte> packed) => Pack(Codes, format.Bits, packed);

    /// <summary>Packs the zero points; where their number is odd, the spare nibble holds the middle code.</summary>
    public void PackZeroPoints(Span<byte> packed)
    {
        Pack(ZeroPoints, format.Bits, packed);
        if (format.Bits == 4 && BlockCount % 2 == 1)
            packed[^1] = (byte)(ZeroPoints[^1] | (format.Middle << 4));
    }

    /// <summary>The opposite of <see cref="PackCodes"/>.</summary>
    public void UnpackCodes(ReadOnlySpan<byte> packed) => Unpack(packed, format.Bits, Codes);

    /// <summary>The opposite of <see cref="PackZeroPoints"/>.</summary>
    public void UnpackZeroPoints(ReadOnlySpan<byte> packed) => Unpack(packed, format.Bits, ZeroPoints);

    private static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<byte> codes)
    {
        if (bits == 8)
        {
            packed[..codes.Length].CopyTo(codes);
            return;
        }
        for (int i = 0; i < codes.Length; i++)
            codes[i] = (byte)((packed[i / 2] >> (i % 2 * 4)) & 15);
    }

    private static void Pack(ReadOnlySpan<byte> codes, int bits, Span<byte> packed)
    {
        if (bits == 8)
        {
            codes.CopyTo(packed);
            return;
        }
        for (int i = 0; i < codes.Length / 2; i++)
            packed[i] = (byte)(codes[2 * i] | (codes[(2 * i) + 1] << 4));
    }
}
