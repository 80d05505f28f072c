using LocalInference.Core.Completions;
using LocalInference.Engine.Sampling;

namespace LocalInference.Engine.Tests.Sampling;

/// <summary>The sampler's rules as they are documented, by sorting everything; and what the sampler's own distributions hold.</summary>
internal sealed class PlainSampler
{
    private readonly float[] _logits;
    private readonly SamplingParameters _parameters;

    /// <summary>Weighs and orders all tokens.</summary>
    public PlainSampler(float[] logits, SamplingParameters parameters)
    {
        (_logits, _parameters) = (logits, parameters);
        double max = logits.Max();
        Weights = [.. logits.Select(logit => Math.Exp((logit - max) / parameters.Temperature))];
        Order = [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ThenByDescending(i => i)];
    }

    /// <summary>Each token's, relative to the likeliest's.</summary>
    public double[] Weights { get; }

    /// <summary>Ids, likeliest first; of equal ones the higher ids first.</summary>
    public int[] Order { get; }

    /// <summary>How many of the likeliest min_p and top_k leave.</summary>
    public int CountAboveFloor()
    {
        int count = Order.TakeWhile(i => Weights[i] >= _parameters.MinP && !float.IsNegativeInfinity(_logits[i])).Count();
        if (_parameters.TopK == 0 || _parameters.TopK >= count) return count;
        return Order.Take(count).TakeWhile(i => _logits[i] >= _logits[Order[_parameters.TopK - 1]]).Count();
    }

    /// <summary>What is wrong with such a set of kept ids, up to rounding; null for nothing.</summary>
    public string? FaultOf(IReadOnlySet<int> kept)
    {
        int floor = CountAboveFloor();
        int[] likeliest = Order[..kept.Count];
        if (!likeliest.All(kept.Contains)) return $"{kept.Count} tokens are kept that are not the likeliest.";
        // What weighs nothing in double precision may be dropped.
        if (_parameters.TopP >= 1)
            return kept.Count <= floor && Order[kept.Count..floor].All(i => Weights[i] < 1e-300)
                ? null
                : $"{kept.Count} tokens instead of {floor}.";
        double total = Order.Take(floor).Sum(i => Weights[i]), weight = likeliest.Sum(i => Weights[i]);
        if (weight < (_parameters.TopP - 1e-12) * total) return $"{kept.Count} tokens are too few for top_p.";
        return kept.Count == 1 || weight - Weights[likeliest[^1]] < (_parameters.TopP + 1e-12) * total
            ? null
            : $"{kept.Count} tokens are too many for top_p.";
    }

    /// <summary>The weights of all tokens of a distribution, relative to the likeliest's.</summary>
    public static double[] WeightsOf(Distribution distribution, int vocabularySize)
    {
        double[] weights = new double[distribution.StrideCount * Strides.Length];
        for (int i = 0; i < distribution.StrideCount; i++)
        {
            double sum = distribution.Weigh(i, weights.AsSpan(i * Strides.Length, Strides.Length));
            Assert.Equal(weights.Skip(i * Strides.Length).Take(Strides.Length).Sum(), sum, sum * 1e-14);
        }
        Assert.All(weights[vocabularySize..], weight => Assert.Equal(0, weight));
        return [.. weights.Take(vocabularySize).Select(weight => weight / Weigher.Greatest)];
    }
}
