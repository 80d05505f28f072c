using System.Numerics.Tensors;
using LocalInference.Quantize.Dense;
using LocalInference.Quantize.Quantization;

namespace LocalInference.Quantize.Calibration;

/// <summary>
/// GPTQ's rounding in its column-by-column form: what earlier columns of a row lost is added, weighted by how their inputs go together with
/// this one's, before the next column is rounded, so that errors cancel in the output rather than add up.
/// </summary>
/// <param name="factor">Of the second moments of the matrix's inputs.</param>
internal sealed class ErrorFeedback(TriangularFactor factor) : IRowQuantizer
{
    public void Quantize(ReadOnlySpan<float> row, QuantizedRow quantized)
    {
        BlockFormat format = quantized.Format;
        float[] lost = new float[row.Length];
        Span<byte> code = stackalloc byte[1];
        Span<float> value = stackalloc float[1];
        for (int block = 0; block < quantized.BlockCount; block++)
        {
            int first = block * format.BlockSize;
            Span<byte> codes = quantized.Block(block);
            // The scale is chosen for the weights as they are; feedback moves them by less than a step.
            (float scale, int zero) = MeanSquareSearch.Search(row.Slice(first, codes.Length), format);
            quantized.Scales[block] = scale;
            quantized.ZeroPoints[block] = (byte)zero;
            for (int i = 0; i < codes.Length; i++)
            {
                int column = first + i;
                value[0] = row[column] + TensorPrimitives.Dot(lost.AsSpan(0, column), factor.Column(column));
                RoundToNearest.Round(value, scale, zero, format, code);
                codes[i] = code[0];
                lost[column] = row[column] - ((code[0] - zero) * scale);
            }
        }
    }
}
