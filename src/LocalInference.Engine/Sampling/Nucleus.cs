using System.Numerics;
using System.Numerics.Tensors;

namespace LocalInference.Engine.Sampling;

/// <summary>
/// Finds top_p's cut without sorting the vocabulary: one pass adds the weights up in buckets of like logits, the bucket in which the sum
/// from above reaches the share holds the cut, and only that bucket is sorted, or where it holds too many tokens cut into buckets again.
/// </summary>
/// <param name="vocabularySize">Tokens at most.</param>
/// <remarks>Not thread-safe. Nothing allocates after construction.</remarks>
internal sealed class Nucleus(int vocabularySize)
{
    private const int MaxSorted = 1024;

    // Each round narrows the span by LogitBuckets.Count: after four it holds one number, if its width does not overflow.
    private const int MaxRounds = 4;

    private readonly LogitBuckets _buckets = new();
    private readonly ulong[] _keys = new ulong[vocabularySize];
    private readonly float[] _logits = new float[Strides.Length];
    private readonly double[] _weights = new double[Strides.Length];

    /// <summary>
    /// Finds the cut that leaves the fewest likeliest tokens whose weights reach the share <paramref name="topP"/>. Among equal logits the
    /// higher ids stay (the reference's order).
    /// </summary>
    /// <param name="strides">The logits.</param>
    /// <param name="weigher">Of these logits.</param>
    /// <param name="floor">What is less has been dropped before.</param>
    /// <param name="topP">Above 0, below 1.</param>
    public Cut Find(Strides strides, Weigher weigher, float floor, double topP)
    {
        float low = Math.Max(floor, LowerBound(strides, weigher, floor, topP)), high = strides.Max;
        double target = topP * Tally(strides, weigher, floor, low, high), above = 0;
        for (int round = 1; ; round++)
        {
            int bucket = LogitBuckets.Count - 1;
            while (bucket > 0 && above + _buckets.Sums[bucket] < target) above += _buckets.Sums[bucket--];
            Span<ulong> keys = _keys.AsSpan(0, CopyKeys(strides, low, bucket));
            // Rounding left the target out of reach: everything is needed.
            if (keys.IsEmpty) return new Cut(low, Id: 0);
            (low, high) = (LogitOf(TensorPrimitives.Min<ulong>(keys)), LogitOf(TensorPrimitives.Max<ulong>(keys)));
            if (keys.Length > MaxSorted && low < high && round < MaxRounds)
            {
                Tally(strides, weigher, low, low, high);
                continue;
            }
            // Equal logits stand in id order already.
            if (low < high) keys.Sort();
            ulong key = LeastNeeded(keys, weigher, target - above);
            return new Cut(LogitOf(key), (int)(uint)key);
        }
    }

    // All tokens below this together weigh less than 1 − top_p: none of them can be needed. The total is not known yet, but the greatest of
    // each stride are a part of it. (The margins are for rounding.)
    private float LowerBound(Strides strides, Weigher weigher, float floor, double topP)
    {
        double part = 0;
        for (int i = 0; i < strides.PaddedMaxima.Length; i += Strides.Length)
            part += weigher.Weigh(strides.PaddedMaxima.Slice(i, Strides.Length), floor, _weights);
        double share = (1 - topP) * part / Weigher.Greatest / strides.Logits.Length * (1 - 1e-9);
        return Math.Max(float.BitDecrement(float.BitDecrement((float)weigher.LogitOf(share))), float.MinValue);
    }

    // Puts the weights of the tokens from low to high into buckets. Returns the total of all from floor on.
    private double Tally(Strides strides, Weigher weigher, float floor, float low, float high)
    {
        _buckets.Clear(low, high);
        double total = 0;
        for (int i = 0; i < strides.Count; i++)
        {
            if (strides.Maxima[i] < floor) continue;
            total += weigher.Weigh(strides[i], floor, _weights);
            if (strides.Maxima[i] >= low) _buckets.Add(strides[i], _weights);
        }
        return total;
    }

    // Copies a bucket's keys, in id order. Returns how many.
    private int CopyKeys(Strides strides, float low, int bucket)
    {
        int count = 0;
        Vector<int> wanted = new(bucket);
        for (int i = 0; i < strides.Count; i++)
        {
            if (strides.Maxima[i] < low) continue;
            ReadOnlySpan<float> stride = strides[i];
            ReadOnlySpan<int> buckets = _buckets.Find(stride);
            for (int j = 0; j < Strides.Length; j += Vector<int>.Count)
            {
                if (!Vector.EqualsAny(new Vector<int>(buckets[j..]), wanted)) continue;
                for (int k = j; k < j + Vector<int>.Count; k++)
                    if (buckets[k] == bucket) _keys[count++] = KeyOf(stride[k], i * Strides.Length + k);
            }
        }
        return count;
    }

    // The least of the fewest likeliest keys whose weights reach the target; the first where rounding left it out of reach.
    private ulong LeastNeeded(ReadOnlySpan<ulong> keys, Weigher weigher, double target)
    {
        double weight = 0;
        for (int end = keys.Length; end > 0; end -= Strides.Length)
        {
            ReadOnlySpan<ulong> likeliest = keys[Math.Max(0, end - Strides.Length)..end];
            for (int i = 0; i < likeliest.Length; i++) _logits[i] = LogitOf(likeliest[i]);
            weigher.Weigh(_logits, float.NegativeInfinity, _weights);
            for (int i = likeliest.Length - 1; i >= 0; i--)
            {
                weight += _weights[i];
                if (weight >= target) return likeliest[i];
            }
        }
        return keys[0];
    }

    // Orders by logit, then by id.
    private static ulong KeyOf(float logit, int id) => ((ulong)FloatOrder.RankOf(logit) << 32) | (uint)id;

    private static float LogitOf(ulong key) => FloatOrder.FloatOf((uint)(key >> 32));
}
