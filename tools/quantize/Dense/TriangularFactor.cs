using System.Numerics.Tensors;

namespace LocalInference.Quantize.Dense;

/// <summary>
/// H = (I + A) D (I + A)ᵀ with A strictly upper triangular: what error feedback needs of the inputs' second moments. It is the Cholesky
/// factor of H with rows and columns in reverse order, divided by its diagonal.
/// </summary>
internal sealed class TriangularFactor
{
    // Columns that are factored together: what lies left of them is taken off by one matrix product.
    private const int Panel = 64;
    private const int RowBand = 64;

    // A hundredth of the mean diagonal on top keeps inputs apart that the calibration text could not tell apart.
    private const float Damping = 0.01f;

    private readonly float[] _lower;
    private readonly int _size;
    private readonly float[][] _columns;

    /// <summary>Factors a matrix of second moments, which is overwritten.</summary>
    public TriangularFactor(float[] moments, int size, CancellationToken cancellationToken)
    {
        (_lower, _size) = (moments, size);
        // A symmetric matrix read backwards is its own reversal.
        Array.Reverse(moments);
        double trace = 0;
        for (int i = 0; i < size; i++)
            trace += moments[((long)i * size) + i];
        float damping = trace > 0 ? (float)(trace / size * Damping) : 1;
        for (int i = 0; i < size; i++)
            moments[((long)i * size) + i] += damping;
        for (int panel = 0; panel < size; panel += Panel)
            FactorPanel(panel, Math.Min(Panel, size - panel), cancellationToken);
        _columns = new float[size][];
        Parallel.For(0, size, k => _columns[k] = ReadColumn(k));
        _lower = [];
    }

    /// <summary>A's column k above the diagonal; [k].</summary>
    public ReadOnlySpan<float> Column(int k) => _columns[k];

    private void FactorPanel(int panel, int width, CancellationToken cancellationToken)
    {
        int bands = (_size - panel + RowBand - 1) / RowBand;
        Parallel.For(0, bands, new ParallelOptions { CancellationToken = cancellationToken }, band =>
            Subtract(panel, width, panel + (band * RowBand)));
        for (int column = panel; column < panel + width; column++)
        {
            Span<float> row = Row(column);
            float square = row[column] - TensorPrimitives.SumOfSquares<float>(row[panel..column]);
            float diagonal = MathF.Sqrt(MathF.Max(square, float.Epsilon));
            row[column] = diagonal;
            for (int below = column + 1; below < panel + width; below++)
                Solve(below, column, panel, diagonal);
        }
        Parallel.For(0, bands, new ParallelOptions { CancellationToken = cancellationToken }, band =>
        {
            int first = Math.Max(panel + width, panel + (band * RowBand)), end = Math.Min(_size, panel + ((band + 1) * RowBand));
            for (int row = first; row < end; row++)
                for (int column = panel; column < panel + width; column++)
                    Solve(row, column, panel, Row(column)[column]);
        });
    }

    private void Solve(int row, int column, int panel, float diagonal)
    {
        Span<float> values = Row(row);
        values[column] = (values[column] - TensorPrimitives.Dot<float>(values[panel..column], Row(column)[panel..column])) / diagonal;
    }

    private void Subtract(int panel, int width, int first)
    {
        int count = Math.Min(RowBand, _size - first);
        if (panel == 0)
            return;
        float[] product = new float[count * width];
        RowProducts.Multiply(
            new RowSet(_lower.AsSpan(first * _size), _size, count), new RowSet(_lower.AsSpan(panel * _size), _size, width), panel, product,
            width);
        for (int i = 0; i < count; i++)
        {
            Span<float> target = Row(first + i).Slice(panel, width);
            TensorPrimitives.Subtract<float>(target, product.AsSpan(i * width, width), target);
        }
    }

    /// <summary>Column k of the unreversed factor: column n - 1 - k of the lower one, from its end up to the diagonal.</summary>
    private float[] ReadColumn(int k)
    {
        int mirrored = _size - 1 - k;
        float diagonal = Row(mirrored)[mirrored];
        float[] column = new float[k];
        for (int j = 0; j < k; j++)
            column[j] = Row(_size - 1 - j)[mirrored] / diagonal;
        return column;
    }

    private Span<float> Row(int row) => _lower.AsSpan(row * _size, _size);
}
