using System.Numerics.Tensors;

namespace LocalInference.Quantize.Quantization;

/// <summary>
/// ONNX Runtime's default quantiser, to the bit: each block's scale follows from its extremes, each code is the nearest. The reciprocal of
/// the scale is taken once and multiplied, in single precision; another order of operations would give other codes where a value lies
/// halfway.
/// </summary>
internal class RoundToNearest : IRowQuantizer
{
    public void Quantize(ReadOnlySpan<float> row, QuantizedRow quantized)
    {
        BlockFormat format = quantized.Format;
        for (int block = 0; block < quantized.BlockCount; block++)
        {
            Span<byte> codes = quantized.Block(block);
            ReadOnlySpan<float> values = row.Slice(block * format.BlockSize, codes.Length);
            (float scale, int zero) = Choose(values, format);
            quantized.Scales[block] = scale;
            quantized.ZeroPoints[block] = (byte)zero;
            Round(values, scale, zero, format, codes);
        }
    }

    /// <summary>
    /// The scale and zero point that just hold a block's extremes; the zero point comes of a division, rounded away from zero at halves.
    /// </summary>
    public static (float Scale, int ZeroPoint) Extremes(ReadOnlySpan<float> values, BlockFormat format)
    {
        float least = TensorPrimitives.Min(values), most = TensorPrimitives.Max(values);
        if (format.IsSymmetric)
            // The extreme keeps its sign and takes the code that has no opposite: scales may be negative.
            return ((MathF.Abs(most) > MathF.Abs(least) ? most : least) / -format.Middle, format.Middle);
        least = MathF.Min(0, least);
        most = MathF.Max(0, most);
        float scale = (most - least) / format.HighestCode;
        return (scale, scale == 0 ? 0 : (int)Math.Clamp(MathF.Round(-least / scale, MidpointRounding.AwayFromZero), 0, format.HighestCode));
    }

    /// <summary>The nearest codes for a given scale.</summary>
    public static void Round(ReadOnlySpan<float> values, float scale, int zero, BlockFormat format, Span<byte> codes)
    {
        float reciprocal = scale == 0 ? 0 : 1 / scale, offset = zero, highest = format.HighestCode;
        for (int i = 0; i < values.Length; i++)
            codes[i] = (byte)Math.Clamp(MathF.Floor((values[i] * reciprocal) + offset + 0.5f), 0, highest);
    }

    /// <summary>A block's scale and zero point.</summary>
    protected virtual (float Scale, int ZeroPoint) Choose(ReadOnlySpan<float> values, BlockFormat format) => Extremes(values, format);
}
