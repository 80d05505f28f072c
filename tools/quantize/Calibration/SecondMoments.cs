using LocalInference.Quantize.Dense;

namespace LocalInference.Quantize.Calibration;

/// <summary>How the inputs of a product go together: XᵀX over all tokens.</summary>
internal static class SecondMoments
{
    private const int Band = 64;

    /// <summary>Sums up.</summary>
    /// <param name="inputs">[tokens, width].</param>
    /// <param name="width">Of a row.</param>
    /// <param name="cancellationToken">Stops between parts.</param>
    /// <returns>[width, width].</returns>
    public static float[] Of(float[] inputs, int width, CancellationToken cancellationToken)
    {
        int tokens = inputs.Length / width, bands = (width + Band - 1) / Band;
        float[] columns = new float[inputs.Length], moments = new float[width * width];
        for (int token = 0; token < tokens; token++)
            for (int i = 0; i < width; i++)
                columns[(i * tokens) + token] = inputs[(token * width) + i];
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.For(0, bands, options, band =>
        {
            // Above the diagonal; the rest is its mirror.
            int first = band * Band, count = Math.Min(Band, width - first);
            for (int other = first; other < width; other += Band)
                RowProducts.Multiply(
                    new RowSet(columns.AsSpan(first * tokens), tokens, count),
                    new RowSet(columns.AsSpan(other * tokens), tokens, Math.Min(Band, width - other)),
                    tokens, moments.AsSpan((first * width) + other), width);
        });
        Parallel.For(0, width, options, row =>
        {
            for (int column = 0; column < row; column++)
                moments[(row * width) + column] = moments[(column * width) + row];
        });
        return moments;
    }
}
