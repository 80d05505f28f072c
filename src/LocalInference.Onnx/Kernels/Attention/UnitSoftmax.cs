using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>One unit's turn of the online softmax, for the rows of a head group.</summary>
/// <remarks>
/// Scores become weights relative to the running maximum, and what was summed up relative to an earlier one is carried over. The rows' maxima come first and
/// all carries at once, so that no row waits for another's.
/// </remarks>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
internal static unsafe class UnitSoftmax<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    /// <summary>Turns scores (times log2(e)) into weights, zero behind the last token.</summary>
    /// <param name="rows">The group's; scores from <paramref name="valid"/> on belong to no token and may be anything.</param>
    /// <param name="valid">Scores of a row that count; at least 1.</param>
    /// <param name="keyScales">What scores are multiplied by, a token's scale counting for its whole key; null for nothing.</param>
    /// <param name="valueScales">What weights are multiplied by after they were summed up, likewise; null for nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(in SoftmaxRows rows, int valid, float* keyScales, float* valueScales)
    {
        int width = (valid + 15) / 16 * 16;
        for (int i = 0; i < rows.Count; i++)
        {
            float before = rows.Maxima[i], reached = MathF.Max(before, Highest(rows.At(i), valid, width, keyScales));
            rows.Maxima[i] = reached;
            rows.Carries[i] = before - reached;
        }
        for (int i = 0; i < rows.Count; i += TLanes.Width)
            TLanes.Store(Exponential.PowerOfTwo<TVector, TLanes>(TLanes.Load(rows.Carries + i)), rows.Carries + i);
        for (int i = 0; i < rows.Count; i++)
        {
            rows.Sums[i] = (rows.Sums[i] * rows.Carries[i]) + Weigh(rows.At(i), width, rows.Maxima[i], valueScales, out rows.Largest[i]);
            // Scales that no token has written may be anything, and integers take weights in pairs.
            for (int token = valid; token < width; token++)
                rows.At(i)[token] = 0;
            for (int token = width; token < rows.Stride; token += TLanes.Width)
                TLanes.Store(default, rows.At(i) + token);
            if (valid < width)
                rows.Largest[i] = Largest(rows.At(i), width, least: 0);
        }
    }

    /// <summary>Scales the scores, and gives the largest of those that count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Highest(float* row, int valid, int width, float* scales)
    {
        TVector top = TLanes.Broadcast(float.NegativeInfinity);
        for (int i = 0; i < width; i += TLanes.Width)
        {
            TVector score = TLanes.Load(row + i);
            if (scales is not null)
            {
                score = TLanes.Multiply(score, TLanes.Load(scales + i));
                TLanes.Store(score, row + i);
            }
            top = TLanes.Max(top, score);
        }
        if (valid == width)
            return TLanes.MaxAcross(top);
        for (int i = valid; i < width; i++)
            row[i] = float.NegativeInfinity;
        return Largest(row, width, float.NegativeInfinity);
    }

    /// <returns>The sum of the weights before they are scaled.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Weigh(float* row, int width, float max, float* scales, out float largest)
    {
        TVector shift = TLanes.Broadcast(max), total = default, top = default;
        for (int i = 0; i < width; i += TLanes.Width)
        {
            TVector weight = Exponential.PowerOfTwo<TVector, TLanes>(TLanes.Subtract(TLanes.Load(row + i), shift));
            total = TLanes.Add(total, weight);
            if (scales is not null)
                weight = TLanes.Multiply(weight, TLanes.Load(scales + i));
            top = TLanes.Max(top, weight);
            TLanes.Store(weight, row + i);
        }
        largest = TLanes.MaxAcross(top);
        return TLanes.SumAcross(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(float* row, int width, float least)
    {
        TVector top = TLanes.Broadcast(least);
        for (int i = 0; i < width; i += TLanes.Width)
            top = TLanes.Max(top, TLanes.Load(row + i));
        return TLanes.MaxAcross(top);
    }
}

/// <summary>What a unit's softmax works on: the scores of a head group, and what runs along with each of its rows.</summary>
/// <param name="scores">[count, stride], in place.</param>
/// <param name="stride">Tokens of a unit.</param>
/// <param name="count">Heads of the group.</param>
/// <param name="maxima">Running maxima, [count]; negative infinity before the first unit.</param>
/// <param name="sums">Running sums of weights, [count].</param>
/// <param name="carries">Gets what everything summed up so far is to be multiplied by; [count] rounded up to 16.</param>
/// <param name="largest">Gets the rows' largest weights, [count].</param>
internal readonly unsafe struct SoftmaxRows(float* scores, int stride, int count, float* maxima, float* sums, float* carries, float* largest)
{
    public int Stride => stride;

    public int Count => count;

    public float* Maxima => maxima;

    public float* Sums => sums;

    public float* Carries => carries;

    public float* Largest => largest;

    public float* At(int row) => scores + (row * stride);
}
