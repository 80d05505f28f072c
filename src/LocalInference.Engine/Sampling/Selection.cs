using System.Numerics;

namespace LocalInference.Engine.Sampling;

/// <summary>Finding the k-th largest of many numbers without sorting them.</summary>
internal static class Selection
{
    /// <summary>The k-th largest value, equal ones counted singly.</summary>
    /// <param name="values">No NaN.</param>
    /// <param name="k">1 to the number of values.</param>
    /// <param name="scratch">As long as the values; overwritten.</param>
    public static float KthLargest(Strides values, int k, Span<float> scratch)
    {
        if (k > values.Count) return KthLargest(values.Logits, k, float.NegativeInfinity, values.Max);
        // k strides have a member at or above the k-th largest maximum, so the k-th largest value is not below it: little more than k
        // candidates are left.
        float bound = KthLargest(values.Maxima, k, float.NegativeInfinity, values.Max);
        if (float.IsNegativeInfinity(bound)) bound = float.MinValue;
        int count = CopyAtLeast(values, bound, scratch);
        return count < k ? float.NegativeInfinity : KthLargest(scratch[..count], k, bound, values.Max);
    }

    private static int CopyAtLeast(Strides values, float bound, Span<float> target)
    {
        int count = 0;
        Vector<float> bounds = new(bound);
        for (int i = 0; i < values.Count; i++)
        {
            if (values.Maxima[i] < bound) continue;
            ReadOnlySpan<float> stride = values[i];
            for (int j = 0; j < Strides.Length; j += Vector<float>.Count)
            {
                if (!Vector.GreaterThanOrEqualAny(new Vector<float>(stride[j..]), bounds)) continue;
                foreach (float value in stride.Slice(j, Vector<float>.Count))
                    if (value >= bound) target[count++] = value;
            }
        }
        return count;
    }

    // The greatest number that k values reach, by halving the floats from low, which k reach, to high: at most 32 counts.
    private static float KthLargest(ReadOnlySpan<float> values, int k, float low, float high)
    {
        uint least = FloatOrder.RankOf(low), greatest = FloatOrder.RankOf(high);
        while (least < greatest)
        {
            uint middle = greatest - (greatest - least) / 2;
            if (CountAtLeast(values, FloatOrder.FloatOf(middle)) >= k) least = middle;
            else greatest = middle - 1;
        }
        return FloatOrder.FloatOf(least);
    }

    private static int CountAtLeast(ReadOnlySpan<float> values, float bound)
    {
        Vector<float> bounds = new(bound);
        Vector<int> counts = Vector<int>.Zero;
        int i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            counts -= Vector.GreaterThanOrEqual(new Vector<float>(values[i..]), bounds);
        int count = Vector.Sum(counts);
        for (; i < values.Length; i++)
            if (values[i] >= bound) count++;
        return count;
    }
}
