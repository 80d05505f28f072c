using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalInference.Engine.Sampling;

/// <summary>
/// Finds top_p's cut without sorting the vocabulary: one pass adds the weights up in buckets of like logits, the bucket in which the sum
/// from above reaches the share holds the cut, and only that bucket is sorted, or where it holds too many tokens cut into buckets again.
/// </summary>
/// <param name="vocabularySize">Tokens at most.</param>
/// <remarks>Not thread-safe. Nothing allocates after construction.</remarks>
internal sealed class Nucleus(int vocabularySize)
{
    // Even logits of a large vocabulary leave a few hundred tokens to a bucket; the buckets fit into the first-level cache.
    private const int Buckets = 1024;
    private const int SortedTokens = 1024;

    // Each round cuts the span of logits by Buckets: after four it holds one number. More only guards against overflow.
    private const int MaxRounds = 4;

    private readonly double[] _sums = new double[Buckets + 16];
    private readonly ulong[] _keys = new ulong[vocabularySize];
    private readonly double[] _weights = new double[Strides.Length];
    private readonly int[] _indexes = new int[Strides.Length];
    private readonly float[] _logits = new float[Strides.Length];

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
            int bucket = Buckets - 1;
            while (bucket > 0 && above + _sums[bucket] < target) above += _sums[bucket--];
            Span<ulong> keys = _keys.AsSpan(0, CopyKeys(strides, low, high, bucket));
            // Rounding left the target out of reach: everything is needed.
            if (keys.IsEmpty) return new Cut(low, Id: 0);
            (low, high) = (LogitOf(TensorPrimitives.Min<ulong>(keys)), LogitOf(TensorPrimitives.Max<ulong>(keys)));
            if (keys.Length > SortedTokens && low < high && round < MaxRounds)
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
        for (int i = 0; i < strides.AllMaxima.Length; i += Strides.Length)
            part += weigher.Weigh(strides.AllMaxima.Slice(i, Strides.Length), floor, _weights);
        double least = weigher.LogitOf((1 - topP) * part / strides.Logits.Length * (1 - 1e-9));
        return Math.Max(float.BitDecrement(float.BitDecrement((float)least)), float.MinValue);
    }

    // Adds the weights of the tokens from low to high up, by bucket. Returns the total of those from floor on.
    private double Tally(Strides strides, Weigher weigher, float floor, float low, float high)
    {
        Array.Clear(_sums);
        double total = 0;
        for (int i = 0; i < strides.Count; i++)
        {
            if (strides.Maxima[i] < floor) continue;
            total += weigher.Weigh(strides[i], floor, _weights);
            if (strides.Maxima[i] < low) continue;
            FindBuckets(strides[i], low, high);
            Scatter();
        }
        return total;
    }

    private void Scatter()
    {
        ref double sums = ref MemoryMarshal.GetArrayDataReference(_sums);
        ref double weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref int indexes = ref MemoryMarshal.GetArrayDataReference(_indexes);
        for (int i = 0; i < Strides.Length; i++) Unsafe.Add(ref sums, Unsafe.Add(ref indexes, i)) += Unsafe.Add(ref weights, i);
    }

    private int CopyKeys(Strides strides, float low, float high, int bucket)
    {
        int count = 0;
        Vector<int> buckets = new(bucket);
        for (int i = 0; i < strides.Count; i++)
        {
            if (strides.Maxima[i] < low) continue;
            ReadOnlySpan<float> stride = strides[i];
            FindBuckets(stride, low, high);
            for (int j = 0; j < Strides.Length; j += Vector<int>.Count)
            {
                if (!Vector.EqualsAny(new Vector<int>(_indexes, j), buckets)) continue;
                for (int k = j; k < j + Vector<int>.Count; k++)
                    if (_indexes[k] == bucket) _keys[count++] = KeyOf(stride[k], i * Strides.Length + k);
            }
        }
        return count;
    }

    // The span from low to high in even parts, numbered from 1.
    private void FindBuckets(ReadOnlySpan<float> stride, float low, float high)
    {
        float scale = (Buckets - 1) / (high - low);
        Vector<float> lows = new(low), highs = new(high), scales = new(float.IsFinite(scale) ? scale : 0);
        Vector<int> outside = Vector.CreateSequence(Buckets, 1);
        ref float logit = ref MemoryMarshal.GetReference(stride);
        ref int index = ref MemoryMarshal.GetArrayDataReference(_indexes);
        for (int i = 0; i < Strides.Length; i += Vector<float>.Count)
        {
            Vector<float> logits = Vector.LoadUnsafe(ref logit, (nuint)i);
            Vector<int> buckets = Vector.ConvertToInt32Native((logits - lows) * scales);
            Vector<int> isOutside = Vector.LessThan(logits, lows) | Vector.GreaterThan(logits, highs);
            Vector.ConditionalSelect(isOutside, outside, buckets).StoreUnsafe(ref index, (nuint)i);
        }
    }

    // The least of the likeliest keys whose weights reach the target: all are needed where rounding left it out of reach.
    private ulong LeastNeeded(ReadOnlySpan<ulong> keys, Weigher weigher, double target)
    {
        int kept = keys.Length;
        double weight = 0;
        while (kept > 0)
        {
            ReadOnlySpan<ulong> likeliest = keys[Math.Max(0, kept - Strides.Length)..kept];
            for (int i = 0; i < likeliest.Length; i++) _logits[i] = LogitOf(likeliest[i]);
            weigher.Weigh(_logits, float.NegativeInfinity, _weights);
            for (int i = likeliest.Length - 1; i >= 0; i--, kept--)
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
