using LocalInference.Core.Completions;

namespace LocalInference.Engine.Sampling;

/// <summary>
/// Chooses a token from logits: temperature, min_p, top_k, top_p, draw, in this order (that of vLLM's v1 sampler). A pure function of
/// logits, parameters and position; the object only keeps buffers. Each of the three drops from below, so what they leave is one cut, and
/// no token is copied: weights are computed where they are needed, a stride at a time.
/// </summary>
/// <param name="vocabularySize">Logits' width at most.</param>
/// <remarks>Not thread-safe. Nothing allocates after construction.</remarks>
internal sealed class Sampler(int vocabularySize)
{
    private readonly float[] _maxima = new float[Strides.CountOf(Strides.CountOf(vocabularySize)) * Strides.Length];
    private readonly float[] _last = new float[Strides.Length];
    private readonly double[] _sums = new double[Strides.CountOf(vocabularySize)];
    private readonly double[] _weights = new double[Strides.Length];
    private readonly float[] _scratch = new float[vocabularySize];
    private readonly Nucleus _nucleus = new(vocabularySize);

    /// <summary>Chooses the token of one position.</summary>
    /// <param name="logits">[vocabulary size]; −∞ is never drawn.</param>
    /// <param name="parameters">What to apply.</param>
    /// <param name="position">The token's index in its sequence: with the seed it decides the draw.</param>
    /// <param name="tokenId">The token.</param>
    /// <returns>False when no logit is finite or one is NaN: the model's output is broken.</returns>
    public bool TrySample(ReadOnlySpan<float> logits, SamplingParameters parameters, long position, out int tokenId)
    {
        tokenId = -1;
        Strides strides = new(logits, _maxima, _last);
        if (!float.IsFinite(strides.Max)) return false;
        tokenId = parameters.IsGreedy
            ? strides.IndexOfMax()
            : Draw(Narrow(strides, parameters), Philox.Uniform(parameters.Seed, position));
        return true;
    }

    /// <summary>Applies everything but the draw.</summary>
    /// <param name="logits">As for <see cref="TrySample"/>, not broken.</param>
    /// <param name="parameters">Not greedy.</param>
    /// <returns>What can be drawn; valid until the next call.</returns>
    internal Distribution Narrow(ReadOnlySpan<float> logits, SamplingParameters parameters) =>
        Narrow(new Strides(logits, _maxima, _last), parameters);

    /// <summary>Draws a token, each by its weight: the tokens in id order share out the numbers from 0 to 1.</summary>
    /// <param name="distribution">Where from.</param>
    /// <param name="uniform">From 0 (inclusive) to 1 (exclusive).</param>
    internal int Draw(Distribution distribution, double uniform)
    {
        double total = 0;
        for (int i = 0; i < distribution.StrideCount; i++)
            total += _sums[i] = distribution.Weigh(i, _weights);
        // Rounding may leave a rest that nothing covers: the last stride, and in it the last token, with any weight takes it.
        (int stride, double rest) = Choose(_sums.AsSpan(0, distribution.StrideCount), uniform * total);
        distribution.Weigh(stride, _weights);
        return stride * Strides.Length + Choose(_weights, rest).Index;
    }

    // What is left of the rest when it comes to the one chosen.
    private static (int Index, double Remainder) Choose(ReadOnlySpan<double> weights, double rest)
    {
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0) continue;
            if (rest < weights[i]) return (i, rest);
            rest -= weights[i];
            last = i;
        }
        return (last, weights[last]);
    }

    private Distribution Narrow(Strides strides, SamplingParameters parameters)
    {
        Weigher weigher = new(strides.Max, parameters.Temperature);
        float floor = Floor(strides, weigher, parameters);
        Cut cut = parameters.TopP < 1 ? _nucleus.Find(strides, weigher, floor, parameters.TopP) : new Cut(floor, Id: 0);
        return new Distribution(strides, weigher, cut);
    }

    // Neither min_p nor top_k changes what the other keeps: the higher floor counts. Both keep what equals it.
    private float Floor(Strides strides, Weigher weigher, SamplingParameters parameters)
    {
        float floor = float.NegativeInfinity;
        if (parameters.MinP > 0) floor = LeastFrom(weigher.LogitOf(parameters.MinP));
        if (parameters.TopK > 0 && parameters.TopK < strides.Logits.Length)
            floor = Math.Max(floor, Selection.KthLargest(strides, parameters.TopK, _scratch));
        return floor;
    }

    private static float LeastFrom(double bound)
    {
        float least = (float)bound;
        return least < bound ? float.BitIncrement(least) : least;
    }
}
