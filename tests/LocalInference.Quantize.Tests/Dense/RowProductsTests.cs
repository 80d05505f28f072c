using LocalInference.Quantize.Dense;

namespace LocalInference.Quantize.Tests.Dense;

public sealed class RowProductsTests
{
    [Theory]
    [InlineData(4, 2, 64)]
    [InlineData(5, 3, 37)]
    [InlineData(1, 1, 1)]
    [InlineData(13, 7, 100)]
    public void Multiply_AnySizes_IsTheProductOfAllRows(int rows, int columns, int length)
    {
        var chance = new Random(rows + columns);
        int stride = length + 3;
        float[] a = Numbers(rows * stride), b = Numbers(columns * stride), result = new float[rows * (columns + 2)];
        RowProducts.Multiply(new RowSet(a, stride, rows), new RowSet(b, stride, columns), length, result, columns + 2);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
            {
                double expected = Enumerable.Range(0, length).Sum(k => (double)a[(i * stride) + k] * b[(j * stride) + k]);
                Assert.Equal(expected, result[(i * (columns + 2)) + j], 1e-4);
            }

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)chance.NextDouble() - 0.5f)];
    }
}
