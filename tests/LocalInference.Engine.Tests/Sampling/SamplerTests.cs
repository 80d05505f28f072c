using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Engine.Sampling;

namespace LocalInference.Engine.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly SamplingParameters Plain = new(Temperature: 1, TopP: 1, TopK: 0, MinP: 0, Seed: 5);

    [Fact]
    public void TrySample_GreedyAmongEquals_TakesTheLowestId()
    {
        Assert.True(new Sampler(4).TrySample([1, 7, 7, 0], SamplingParameters.Greedy, 0, out int token));
        Assert.Equal(1, token);
    }

    [Fact]
    public void TrySample_SameSeedAndPosition_GivesTheSameTokenWhateverWasSampledBefore()
    {
        float[] logits = RandomLogits(1000, seed: 1);
        Sampler used = new(1000);
        for (int position = 0; position < 50; position++)
        {
            Assert.True(used.TrySample(logits, Plain, position, out int first));
            Assert.True(used.TrySample(RandomLogits(1000, position), Plain with { TopP = 0.5 }, 3, out _));
            Assert.True(new Sampler(1000).TrySample(logits, Plain, position, out int alone));
            Assert.Equal(alone, first);
        }
    }

    [Fact]
    public void TrySample_ManyPositions_FollowsTheDistribution()
    {
        float[] logits = [0, MathF.Log(2), MathF.Log(5), float.NegativeInfinity, MathF.Log(2)];
        int[] drawn = new int[5];
        Sampler sampler = new(5);
        for (int position = 0; position < 100_000; position++)
        {
            Assert.True(sampler.TrySample(logits, Plain, position, out int token));
            drawn[token]++;
        }
        Assert.Equal(0, drawn[3]);
        Assert.All([(0, .1), (1, .2), (2, .5), (4, .2)], e => Assert.InRange(drawn[e.Item1], (e.Item2 - .01) * 1e5, (e.Item2 + .01) * 1e5));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void TrySample_BrokenLogits_SaysSo(float broken)
    {
        Assert.False(new Sampler(3).TrySample([0, broken, 1], Plain, 0, out _));
        Assert.False(new Sampler(2).TrySample([float.NegativeInfinity, float.NegativeInfinity], Plain, 0, out _));
    }

    // A logit whose weight is within a float's rounding of min_p, on either side.
    [Theory]
    [InlineData(0.5, 0.6)]
    [InlineData(0.05, 1)]
    [InlineData(1e-20, 2)]
    public void Narrow_LogitsNextToMinP_KeepsThoseThatWeighEnough(double minP, double temperature)
    {
        float nearest = (float)(temperature * Math.Log(minP));
        float[] logits = [0, float.BitDecrement(nearest), nearest, Math.Min(0, float.BitIncrement(nearest))];
        SamplingParameters parameters = Plain with { Temperature = temperature, MinP = minP };
        double[] weights = PlainSampler.WeightsOf(new Sampler(4).Narrow(logits, parameters), 4);
        Assert.Equal(logits.Select(logit => Math.Exp(logit / temperature) >= minP), weights.Select(weight => weight > 0));
    }

    [Fact]
    public void KthLargest_RandomValues_IsWhatSortingFinds() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Int[0, 1 << 20], Gen.Int[1, 1000], Gen.Bool).Sample((size, seed, step, hasTies) =>
        {
            float[] values = RandomLogits(size, seed);
            if (hasTies) for (int i = 0; i < size; i++) values[i] = MathF.Round(values[i]);
            for (int i = 1; i < size; i++) if (i % step != 0) values[i] = float.NegativeInfinity;
            int k = 1 + seed % (seed % 2 == 0 ? size : Math.Min(size, 15));
            Strides strides = new(values, new float[Strides.Length], new float[Strides.Length]);
            return Selection.KthLargest(strides, k, new float[size]) == values.OrderDescending().ElementAt(k - 1);
        }, iter: 2000, seed: "0000KfYk3Yq2");

    private static float[] RandomLogits(int size, int seed)
    {
        float[] logits = new float[size];
        for (int i = 0; i < size; i++)
            logits[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - Philox.Uniform(seed, 2 * i))) * Math.Cos(2 * Math.PI * Philox.Uniform(seed, 2 * i + 1)) * (1 + seed % 5));
        return logits;
    }
}
