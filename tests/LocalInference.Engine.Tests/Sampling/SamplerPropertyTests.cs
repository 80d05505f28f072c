using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Engine.Sampling;
using LocalInference.Testing;

namespace LocalInference.Engine.Tests.Sampling;

/// <summary>The sampler beside one that sorts everything, over logits and parameters that models, users and bad luck bring.</summary>
public sealed class SamplerPropertyTests
{
    private const string Seed = "0000KfYk3Yq2";

    private static readonly Gen<Shape> Shapes = Gen.Enum<Shape>();
    private static readonly Gen<int> Sizes = Gen.OneOf(Gen.Int[1, 300], Gen.Int[1, 6000], Gen.OneOf(1, 127, 128, 129, 4096, 33_000));
    private static readonly Gen<double> Temperatures = Gen.OneOf(Gen.OneOf(1e-4, 0.01, 0.6, 1, 2, 10), Gen.Double[1e-3, 3]);
    private static readonly Gen<double> Shares =
        Gen.OneOf(Gen.OneOf(1e-12, 1e-3, 0.5, 0.95, 0.999999, 1 - 1e-15, 1), Gen.Double[0.01, 0.99]);
    private static readonly Gen<int> Counts = Gen.OneOf(Gen.OneOf(0, 1, 40), Gen.Int[0, 400], Gen.Int[0, 6000]);
    private static readonly Gen<double> Floors = Gen.OneOf(Gen.Const(0.0), Gen.OneOf(1e-30, 0.05, 1), Gen.Double[0, 0.5]);

    private static readonly Gen<(float[] Logits, SamplingParameters Parameters)> Rows =
        Gen.Select(Sizes, Shapes, Gen.Int[0, 1 << 20], Temperatures, Shares, Counts, Floors)
            .Select((size, shape, seed, temperature, topP, topK, minP) =>
                (Make(shape, size, seed), new SamplingParameters(temperature, topP, topK, minP, seed)));

    public enum Shape
    {
        Normal,
        Peaked,
        Even,
        NearlyEven,
        Tied,
        Halves,
        Spread80,
        Clustered,
        OneFinite,
        HalfInfinite,
        Huge,
    }

    [Fact]
    public void Narrow_AnyLogitsAndParameters_KeepsWhatSortingKeeps() => Rows.Sample(row =>
    {
        PlainSampler plain = new(row.Logits, row.Parameters);
        // A decision of min_p within rounding may go either way.
        if (row.Parameters.MinP > 0 && plain.Weights.Any(w => w < 1 && Math.Abs(w - row.Parameters.MinP) <= 1e-12 * w)) return;
        double[] weights = PlainSampler.WeightsOf(new Sampler(row.Logits.Length).Narrow(row.Logits, row.Parameters), row.Logits.Length);
        int[] kept = [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] > 0)];
        Assert.Null(plain.FaultOf(kept.ToHashSet()));
        Assert.All(kept, i => Assert.Equal(plain.Weights[i], weights[i], plain.Weights[i] * 1e-12 + 1e-300));
    }, iter: 2000, seed: Seed);

    [Fact]
    public void Draw_AnyUniform_IsTheTokenWhoseShareHoldsIt() => Gen.Select(Rows, Gen.Double[0, 1]).Sample((row, uniform) =>
    {
        Sampler sampler = new(row.Logits.Length);
        double[] weights = PlainSampler.WeightsOf(sampler.Narrow(row.Logits, row.Parameters), row.Logits.Length);
        double total = weights.Sum();
        foreach (double u in (double[])[0, Math.Min(uniform, Math.BitDecrement(1)), Math.BitDecrement(1)])
        {
            int token = sampler.Draw(sampler.Narrow(row.Logits, row.Parameters), u);
            double before = weights.Take(token).Sum();
            Assert.True(weights[token] > 0, $"Token {token} was dropped.");
            Assert.InRange(u * total, before - 1e-12 * total, before + weights[token] + 1e-12 * total);
        }
        Assert.Equal(Array.FindIndex(weights, w => w > 0), sampler.Draw(sampler.Narrow(row.Logits, row.Parameters), 0));
    }, iter: 1000, seed: Seed);

    [Fact]
    public void TrySample_AnyLogitsAndParameters_AllocatesNothing()
    {
        float[][] rows = [.. Enum.GetValues<Shape>().Select(shape => Make(shape, 5001, seed: 3))];
        Sampler sampler = new(5001);
        SamplingParameters all = new(Temperature: 0.6, TopP: 0.95, TopK: 40, MinP: 0.05, Seed: 1);
        SamplingParameters plain = all with { TopP = 1, TopK = 0, MinP = 0 };
        SamplingParameters[] parameters = [all, plain, plain with { TopP = 0.95 }, plain with { TopK = 2000 }, plain with { MinP = 0.05 }];
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            foreach (float[] row in rows)
                foreach (SamplingParameters p in parameters)
                    sampler.TrySample(row, p, 0, out _);
        }));
    }

    private static float[] Make(Shape shape, int size, int seed)
    {
        float[] logits = new float[size];
        int chosen = seed % size;
        for (int i = 0; i < size; i++)
        {
            float normal = Normal(seed, i);
            logits[i] = shape switch
            {
                Shape.Normal => normal * (1 + seed % 5),
                Shape.Peaked => i % 97 == chosen % 97 ? 15 + 3 * normal : 3 * normal,
                Shape.Even => seed % 7 - 3,
                Shape.NearlyEven => 1 + 1e-5f * normal,
                Shape.Tied => MathF.Round(normal * 2),
                Shape.Halves => (float)(Half)normal,
                Shape.Spread80 => -80 * (float)Philox.Uniform(seed, i),
                // All but one in a small part of the span, so that one round of buckets is not enough.
                Shape.Clustered => i == chosen ? 5 : -1 + 1e-6f * normal,
                Shape.OneFinite => i == chosen ? normal : float.NegativeInfinity,
                Shape.HalfInfinite => i % 2 == chosen % 2 ? normal : float.NegativeInfinity,
                _ => i == chosen ? float.MaxValue : normal < 0 ? float.MinValue : normal * 1e37f,
            };
        }
        return logits;
    }

    private static float Normal(int seed, int i) => (float)(
        Math.Sqrt(-2 * Math.Log(1 - Philox.Uniform(seed, 2 * i))) * Math.Cos(2 * Math.PI * Philox.Uniform(seed, 2 * i + 1)));
}
