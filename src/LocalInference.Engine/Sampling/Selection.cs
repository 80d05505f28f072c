using System.Numerics;
using System.Numerics.Tensors;

namespace LocalInference.Engine.Sampling;

/// <summary>Finding the k-th largest of many numbers without sorting them.</summary>
internal static class Selection
{
    private const int GroupSize = 128;

    /// <summary>The k-th largest value, equal ones counted singly.</summary>
    /// <param name="values">No NaN.</param>
    /// <param name="k">1 to the number of values.</param>
    /// <param name="scratch">As long as <paramref name="values"/>; overwritten.</param>
    public static float KthLargest(ReadOnlySpan<float> values, int k, Span<float> scratch)
    {
        // k groups have a member at or above the k-th largest group maximum, so the k-th largest value is not below it:
        // two vectorised passes leave little more than k candidates.
        int groups = (values.Length + GroupSize - 1) / GroupSize;
        if (k > groups)
        {
            values.CopyTo(scratch);
            return PartitionKth(scratch[..values.Length], k);
        }
        for (int g = 0; g < groups; g++)
            scratch[g] = TensorPrimitives.Max(values.Slice(g * GroupSize, Math.Min(GroupSize, values.Length - g * GroupSize)));
        float bound = PartitionKth(scratch[..groups], k);
        return PartitionKth(scratch[..CopyAtLeast(values, bound, scratch)], k);
    }

    private static int CopyAtLeast(ReadOnlySpan<float> values, float bound, Span<float> target)
    {
        int count = 0, i = 0;
        Vector<float> bounds = new(bound);
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
        {
            if (!Vector.GreaterThanOrEqualAny(new Vector<float>(values[i..]), bounds)) continue;
            foreach (float value in values.Slice(i, Vector<float>.Count))
                if (value >= bound) target[count++] = value;
        }
        foreach (float value in values[i..])
            if (value >= bound) target[count++] = value;
        return count;
    }

    // Quickselect, the median of three as pivot: linear in the mean, in place, no chance in it.
    private static float PartitionKth(Span<float> values, int k)
    {
        int low = 0, high = values.Length - 1, wanted = k - 1;
        while (low < high)
        {
            float pivot = MedianOfThree(values[low], values[(low + high) >>> 1], values[high]);
            int i = low, j = high;
            while (i <= j)
            {
                while (values[i] > pivot) i++;
                while (values[j] < pivot) j--;
                if (i > j) break;
                (values[i], values[j]) = (values[j--], values[i++]);
            }
            if (wanted <= j) high = j;
            else if (wanted >= i) low = i;
            else break;
        }
        return values[wanted];
    }

    private static float MedianOfThree(float a, float b, float c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
