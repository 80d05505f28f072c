using System.Numerics.Tensors;

namespace LocalInference.Onnx.Weights;

/// <summary>Decides whether a matrix's scales are kept as fp16, which saves 10 % of the bytes that decoding reads at 4 bits.</summary>
internal static class ScaleRounding
{
    /// <summary>Half a unit in fp16's last place: what rounding a number of its normal range costs at most.</summary>
    private const double UnitError = 1.0 / 2048;

    /// <summary>
    /// Whether fp16 holds the scales. Without rounding: every one of them exactly, as it does for symmetric weights made from bf16 or fp16
    /// checkpoints (such a scale is one of the weights divided by a power of two). With rounding: also where the error over the matrix is
    /// no more than fp16's normal numbers have, so that few very small scales do no harm and too large ones are told.
    /// </summary>
    public static bool AllowsHalf(MatrixTensors matrix, bool mayRound)
    {
        if (matrix.Source.HasHalfScales)
            return true;
        double error = 0, size = 0;
        Span<Half> half = stackalloc Half[256];
        Span<float> back = stackalloc float[256];
        ReadOnlySpan<float> row;
        for (int r = 0; r < matrix.Source.Rows; r++)
            for (int at = 0; at < matrix.Source.BlockCount; at += row.Length)
            {
                row = matrix.FloatScales(r, at, half.Length);
                TensorPrimitives.ConvertToHalf(row, half);
                TensorPrimitives.ConvertToSingle(half[..row.Length], back);
                if (row.SequenceEqual(back[..row.Length]))
                    continue;
                if (!mayRound)
                    return false;
                for (int i = 0; i < row.Length; i++)
                {
                    error += ((double)back[i] - row[i]) * ((double)back[i] - row[i]);
                    size += (double)row[i] * row[i];
                }
            }
        // Not a number where a scale overflowed: then the comparison is false.
        return error <= UnitError * UnitError * size;
    }
}
