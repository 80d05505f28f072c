using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LocalInference.Engine.Sampling;

namespace LocalInference.Engine.Tests.Sampling;

public sealed class WeigherTests
{
    // Powers of two, since the product of logit and scale is exact then.
    private static readonly Weigher PowerOfTwo = new(max: 0, temperature: Exponential.Log2E);

    [Fact]
    public void Weigh_AnyLogit_IsWithinOneUnitOfTheLastPlace()
    {
        double worst = 0;
        for (int seed = 0; seed < 1000; seed++)
        {
            float[] stride = Stride(seed, from: seed % 2 == 0 ? -1 : -1075);
            double[] weights = Weights(PowerOfTwo, stride);
            for (int i = 0; i < stride.Length; i++)
                worst = Math.Max(worst, Math.Abs(weights[i] / Math.Pow(2, 64.0 + stride[i]) - 1) * (1L << 52));
        }
        Assert.InRange(worst, 0, 1);
    }

    [Fact]
    public void Weigh_WholePowersAndTheEnds_AreExact()
    {
        float[] stride = new float[Strides.Length];
        stride.AsSpan().Fill(float.NegativeInfinity);
        float[] logits = [0, -0f, -1, -2, -10, -1074, -1076, -1e30f, float.MinValue];
        logits.CopyTo(stride, 0);
        double[] expected = [.. new[] { 0, 0, -1, -2, -10, -1074 }.Select(x => Math.Pow(2, 64 + x)), 0, 0, 0, 0];
        Assert.Equal(expected, Weights(PowerOfTwo, stride)[..expected.Length]);
    }

    [Fact]
    public void Weigh_Floor_WeighsNothingBelowIt()
    {
        float[] stride = Stride(seed: 1, from: -30);
        double[] all = Weights(PowerOfTwo, stride), weights = new double[Strides.Length];
        double sum = PowerOfTwo.Weigh(stride, stride[5], weights);
        Assert.Equal(all.Select((weight, i) => stride[i] >= stride[5] ? weight : 0), weights);
        Assert.Equal(weights.Sum(), sum, 1e-14 * sum);
    }

    [Fact]
    public void Weigh_EveryWidthOfRegisters_GivesTheSameBits()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            float[] stride = Stride(seed, from: -200);
            double[] wide = new double[Strides.Length], native = new double[Strides.Length], scalar = new double[Strides.Length];
            Weigher weigher = new(max: 0.25f, temperature: 0.6);
            double sum = weigher.Weigh<Vector512<double>, Lanes512>(stride, -300, wide);
            Assert.Equal(sum, weigher.Weigh<Vector<double>, LanesNative>(stride, -300, native));
            Assert.Equal(wide, native);
            Assert.Equal(sum, weigher.Weigh<double, LanesOfOne>(stride, -300, scalar));
            Assert.Equal(wide, scalar);
        }
    }

    private static double[] Weights(Weigher weigher, float[] stride)
    {
        double[] weights = new double[Strides.Length];
        weigher.Weigh(stride, float.NegativeInfinity, weights);
        return weights;
    }

    private static float[] Stride(int seed, float from) =>
        [.. Enumerable.Range(0, Strides.Length).Select(i => from * (float)Philox.Uniform(seed, i))];

    /// <summary>No register at all: what the others must come to.</summary>
    private readonly struct LanesOfOne : ILanes<double>
    {
        public static int Count => 1;

        public static double Create(double value) => value;

        public static (double First, double Second) Widen(ref float source, int index) =>
            (Unsafe.Add(ref source, index), Unsafe.Add(ref source, index + 1));

        public static void Store(double value, ref double target, int index) => Unsafe.Add(ref target, index) = value;

        public static double Subtract(double left, double right) => left - right;

        public static double MultiplyAdd(double left, double right, double addend) => Math.FusedMultiplyAdd(left, right, addend);

        public static double Scale(double value, double power, double compared, double least) => compared >= least
            ? BitConverter.Int64BitsToDouble(
                BitConverter.DoubleToInt64Bits(value) + (BitConverter.DoubleToInt64Bits(power) << Exponential.MantissaBits))
            : 0;
    }
}
