using System.Numerics.Tensors;
using LocalInference.Core.Completions;

namespace LocalInference.Engine.Sampling;

/// <summary>
/// Chooses a token from logits: temperature, min_p, top_k, top_p, draw, in this order (that of vLLM's v1 sampler). A pure function of
/// logits, parameters and position; the object only keeps buffers.
/// </summary>
/// <param name="vocabularySize">Logits' width.</param>
/// <remarks>Not thread-safe. Nothing allocates after construction.</remarks>
internal sealed class Sampler(int vocabularySize)
{
    // Below this many tokens around top_p's cut they are sorted; above, the interval is halved further.
    private const int SortedTokens = 256;
    private const int MaxHalvings = 48;
    private const int DrawStride = 512;

    private readonly Candidates _candidates = new(vocabularySize);
    private readonly float[] _scratch = new float[vocabularySize];
    private readonly ulong[] _keys = new ulong[vocabularySize];

    /// <summary>Chooses the token of one position.</summary>
    /// <param name="logits">[vocabulary size]; −∞ is never drawn.</param>
    /// <param name="parameters">What to apply.</param>
    /// <param name="position">The token's index in its sequence: with the seed it decides the draw.</param>
    /// <param name="tokenId">The token.</param>
    /// <returns>False when no logit is finite or one is NaN: the model's output is broken.</returns>
    public bool TrySample(ReadOnlySpan<float> logits, SamplingParameters parameters, long position, out int tokenId)
    {
        tokenId = -1;
        float max = TensorPrimitives.Max(logits);
        if (!float.IsFinite(max)) return false;
        tokenId = parameters.IsGreedy
            ? logits.IndexOf(max)
            : Draw(Narrow(logits, max, parameters), Philox.Uniform(parameters.Seed, position));
        return true;
    }

    /// <summary>Applies everything but the draw.</summary>
    /// <returns>What can be drawn, in id order, with weights relative to the likeliest token's; valid until the next call.</returns>
    internal Candidates Narrow(ReadOnlySpan<float> logits, float max, SamplingParameters parameters)
    {
        _candidates.Gather(logits, Floor(logits, max, parameters));
        _candidates.Weigh(max, parameters.Temperature);
        if (parameters.MinP > 0) _candidates.KeepWeights(parameters.MinP);
        if (parameters.TopP < 1) KeepNucleus(parameters.TopP);
        return _candidates;
    }

    // min_p and top_k both drop from below, so neither changes what the other keeps: the higher floor counts.
    // min_p's is rounded down here and applied exactly to the weights afterwards; top_k's is exact, and keeps what equals the k-th.
    private float Floor(ReadOnlySpan<float> logits, float max, SamplingParameters parameters)
    {
        float floor = float.NegativeInfinity;
        if (parameters.MinP > 0)
            floor = float.BitDecrement(float.BitDecrement((float)(max + parameters.Temperature * Math.Log(parameters.MinP))));
        if (parameters.TopK > 0 && parameters.TopK < logits.Length)
            floor = Math.Max(floor, Selection.KthLargest(logits, parameters.TopK, _scratch));
        return floor;
    }

    // Keeps the fewest likeliest tokens whose weights reach the share top_p. Among equal logits the higher ids stay (the reference's
    // order).
    private void KeepNucleus(double topP)
    {
        double total = TensorPrimitives.Sum(_candidates.Weights);
        double target = topP * total;
        // All tokens below this weight together weigh less than 1 − top_p: none of them can be needed. (The margin is for rounding.)
        double low = (1 - topP) * total / _candidates.Count * (1 - 1e-9), high = double.BitIncrement(1);
        _candidates.KeepWeights(low);
        // The cut lies between low and high: weights from high on do not reach the target, from low on they do. Halved in the logarithm.
        int between = _candidates.Count, above = 0;
        for (int i = 0; i < MaxHalvings && between > SortedTokens; i++)
        {
            double middle = Math.Sqrt(low * high);
            (double weight, int count) = _candidates.TallyFrom(middle);
            if (weight >= target) (low, between) = (middle, count - above);
            else (high, between, above) = (middle, between + above - count, count);
        }
        _candidates.KeepKeys(CutBetween(low, high, target));
    }

    private ulong CutBetween(double low, double high, double target)
    {
        Span<ulong> keys = _keys.AsSpan(0, _candidates.CopyKeysBetween(low, high, _keys));
        keys.Sort();
        double weight = _candidates.TallyFrom(high).Weight;
        int kept = keys.Length;
        while (kept > 0 && weight < target) weight += _candidates.WeightOf(keys[--kept]);
        // No key: rounding left the target out of reach, so everything is needed.
        return keys.IsEmpty ? 0 : keys[Math.Min(kept, keys.Length - 1)];
    }

    private static int Draw(Candidates candidates, double uniform)
    {
        ReadOnlySpan<double> weights = candidates.Weights;
        double rest = uniform * TensorPrimitives.Sum(weights);
        int last = 0;
        for (int start = 0; start < weights.Length; start += DrawStride)
        {
            ReadOnlySpan<double> stride = weights.Slice(start, Math.Min(DrawStride, weights.Length - start));
            double weight = TensorPrimitives.Sum(stride);
            if (weight <= 0) continue;
            last = start;
            if (rest < weight) break;
            rest -= weight;
        }
        // Rounding may leave a rest that no token covers: the last token with any weight takes it.
        int chosen = last;
        for (int i = last; i < Math.Min(last + DrawStride, weights.Length); i++)
        {
            if (weights[i] <= 0) continue;
            chosen = i;
            if (rest < weights[i]) break;
            rest -= weights[i];
        }
        return candidates.Ids[chosen];
    }
}
