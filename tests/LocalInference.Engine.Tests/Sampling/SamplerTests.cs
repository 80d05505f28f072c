using System.Numerics.Tensors;
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

    // Large, flat, peaked and full of ties: against a reference that sorts everything.
    [Fact]
    public void Narrow_RandomLogitsAndParameters_KeepsWhatSortingKeeps()
    {
        Gen.Select(Gen.Int[1, 3000], Gen.Int[0, 1 << 20], Gen.Double[0.01, 3], Gen.Double[0.01, 1], Gen.Int[0, 400], Gen.Double[0, 0.5], Gen.Bool)
            .Sample((size, seed, temperature, topP, topK, minP, hasTies) =>
            {
                float[] logits = RandomLogits(size, seed);
                if (hasTies) for (int i = 0; i < size; i++) logits[i] = MathF.Round(logits[i]);
                SamplingParameters parameters = new(temperature, topP, topK, seed % 2 == 0 ? 0 : minP, Seed: 0);
                float max = TensorPrimitives.Max<float>(logits);
                int[] found = [.. new Sampler(size).Narrow(logits, max, parameters).Ids];
                (int[] expected, double nearest) = SortedNarrow(logits, max, parameters);
                return nearest < 1e-12 || found.SequenceEqual(expected);
            }, iter: 500, seed: "0000KfYk3Yq2");
    }

    [Fact]
    public void KthLargest_RandomValues_IsWhatSortingFinds() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Int[0, 1 << 20], Gen.Bool).Sample((size, seed, hasTies) =>
        {
            float[] values = RandomLogits(size, seed);
            if (hasTies) for (int i = 0; i < size; i++) values[i] = MathF.Round(values[i]);
            int k = 1 + seed % size;
            return Selection.KthLargest(values, k, new float[size]) == values.OrderDescending().ElementAt(k - 1);
        }, iter: 1000);

    private static (int[] Ids, double NearestDecision) SortedNarrow(float[] logits, float max, SamplingParameters p)
    {
        double[] weights = [.. logits.Select(logit => Math.Exp(((double)logit - max) / p.Temperature))];
        double Weight(int i) => weights[i];
        List<int> kept = [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ThenByDescending(i => i)];
        double nearest = kept.Min(i => p.MinP > 0 ? Math.Abs(Weight(i) - p.MinP) : 1);
        kept.RemoveAll(i => Weight(i) < p.MinP);
        if (p.TopK > 0 && p.TopK < kept.Count)
        {
            float kth = logits[kept[p.TopK - 1]];
            kept.RemoveAll(i => logits[i] < kth);
        }
        double total = kept.Sum(Weight), before = 0;
        int count = 0;
        for (; p.TopP < 1 && count < kept.Count && (count == 0 || before < p.TopP * total); count++)
        {
            before += Weight(kept[count]);
            nearest = Math.Min(nearest, Math.Abs(before / total - p.TopP));
        }
        if (p.TopP < 1) kept.RemoveRange(count, kept.Count - count);
        return ([.. kept.Order()], nearest);
    }

    private static float[] RandomLogits(int size, int seed)
    {
        float[] logits = new float[size];
        for (int i = 0; i < size; i++)
            logits[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - Philox.Uniform(seed, 2 * i))) * Math.Cos(2 * Math.PI * Philox.Uniform(seed, 2 * i + 1)) * (1 + seed % 5));
        return logits;
    }
}
