using LocalInference.Quantize.Quantization;

namespace LocalInference.Quantize.Tests.Quantization;

public sealed class MeanSquareSearchTests
{
    [Theory]
    [InlineData(4, true)]
    [InlineData(4, false)]
    [InlineData(8, true)]
    public void Quantize_RandomRows_LosesNeverMoreAndOnTheWholeLessThanRoundToNearest(int bits, bool isSymmetric)
    {
        var chance = new Random(7);
        var format = new BlockFormat(bits, 32, isSymmetric);
        double nearest = 0, searched = 0;
        for (int i = 0; i < 200; i++)
        {
            // The last block is ragged.
            float[] values = [.. Enumerable.Range(0, 75).Select(_ =>
                (float)(chance.NextDouble() + chance.NextDouble() + chance.NextDouble() - 1.4))];
            double a = Error(new RoundToNearest(), values, format), b = Error(new MeanSquareSearch(), values, format);
            Assert.True(b <= a * 1.0001, $"row {i}: {b} against {a}");
            nearest += a;
            searched += b;
        }
        Assert.True(searched < nearest * 0.99, $"{searched} against {nearest}");
    }

    [Fact]
    public void Quantize_ZeroBlock_StaysZero()
    {
        Assert.Equal(0, Error(new MeanSquareSearch(), new float[32], new BlockFormat(4, 32, true)));
    }

    private static double Error(IRowQuantizer quantizer, float[] values, BlockFormat format)
    {
        var row = new QuantizedRow(format, values.Length);
        quantizer.Quantize(values, row);
        float[] back = new float[values.Length];
        row.Dequantize(back);
        return values.Zip(back, (a, b) => (double)(a - b) * (a - b)).Sum();
    }
}
