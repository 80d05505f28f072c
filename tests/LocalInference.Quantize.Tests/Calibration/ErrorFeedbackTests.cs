using LocalInference.Quantize.Calibration;
using LocalInference.Quantize.Dense;
using LocalInference.Quantize.Quantization;

namespace LocalInference.Quantize.Tests.Calibration;

public sealed class ErrorFeedbackTests
{
    private const int Width = 150;
    private const int Tokens = 400;

    [Fact]
    public void Factor_SecondMoments_MultipliesBackToThem()
    {
        float[] moments = SecondMoments.Of(Inputs(), Width, TestContext.Current.CancellationToken);
        double damping = Enumerable.Range(0, Width).Average(i => (double)moments[(i * Width) + i]) * 0.01;
        var factor = new TriangularFactor([.. moments], Width, TestContext.Current.CancellationToken);
        // H = (I + A) D (I + A)ᵀ: D follows from the last column backwards, and every other element must then agree.
        double[] diagonal = new double[Width];
        for (int i = Width - 1; i >= 0; i--)
            diagonal[i] = moments[(i * Width) + i] + damping - Enumerable.Range(i + 1, Width - i - 1).Sum(k =>
                Math.Pow(factor.Column(k)[i], 2) * diagonal[k]);
        for (int i = 0; i < Width; i++)
            for (int j = i + 1; j < Width; j++)
            {
                double made = (factor.Column(j)[i] * diagonal[j])
                    + Enumerable.Range(j + 1, Width - j - 1).Sum(k => (double)factor.Column(k)[i] * factor.Column(k)[j] * diagonal[k]);
                Assert.Equal(moments[(i * Width) + j], made, 0.02);
            }
    }

    [Fact]
    public void SecondMoments_OfInputs_AreSymmetricSums()
    {
        float[] inputs = Inputs(), moments = SecondMoments.Of(inputs, Width, TestContext.Current.CancellationToken);
        foreach ((int i, int j) in new[] { (0, 0), (3, 140), (140, 3), (149, 64) })
            Assert.Equal(Enumerable.Range(0, Tokens).Sum(t => (double)inputs[(t * Width) + i] * inputs[(t * Width) + j]),
                moments[(i * Width) + j], 1e-2);
    }

    [Fact]
    public void Quantize_InputsThatGoTogether_LosesLessOfTheOutputThanTheBestScales()
    {
        float[] inputs = Inputs();
        var chance = new Random(3);
        var factor = new TriangularFactor(SecondMoments.Of(inputs, Width, TestContext.Current.CancellationToken), Width,
            TestContext.Current.CancellationToken);
        double searched = 0, fedBack = 0;
        for (int row = 0; row < 20; row++)
        {
            float[] weights = [.. Enumerable.Range(0, Width).Select(_ => (float)chance.NextDouble() - 0.5f)];
            searched += OutputError(inputs, weights, new MeanSquareSearch());
            fedBack += OutputError(inputs, weights, new ErrorFeedback(factor));
        }
        Assert.True(fedBack < searched / 2, $"{fedBack} against {searched}");
    }

    /// <summary>Few causes behind many inputs, so that they go together.</summary>
    private static float[] Inputs()
    {
        var chance = new Random(5);
        float[] mixing = [.. Enumerable.Range(0, Width * 12).Select(_ => (float)chance.NextDouble() - 0.5f)];
        float[] inputs = new float[Tokens * Width];
        for (int token = 0; token < Tokens; token++)
        {
            float[] causes = [.. Enumerable.Range(0, 12).Select(_ => (float)chance.NextDouble() - 0.5f)];
            for (int i = 0; i < Width; i++)
                inputs[(token * Width) + i] = causes.Select((c, k) => c * mixing[(i * 12) + k]).Sum()
                    + (0.05f * ((float)chance.NextDouble() - 0.5f));
        }
        return inputs;
    }

    private static double OutputError(float[] inputs, float[] weights, IRowQuantizer quantizer)
    {
        var row = new QuantizedRow(new BlockFormat(4, 32, true), Width);
        quantizer.Quantize(weights, row);
        float[] back = new float[Width];
        row.Dequantize(back);
        return Enumerable.Range(0, Tokens).Sum(t => Math.Pow(
            Enumerable.Range(0, Width).Sum(i => (double)inputs[(t * Width) + i] * (back[i] - weights[i])), 2));
    }
}
