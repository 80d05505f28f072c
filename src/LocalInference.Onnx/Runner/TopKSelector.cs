using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Finds the likeliest tokens of a row of logits without sorting it. One pass takes the largest logit of each stretch of the row; the k-th
/// largest of those is a logit that at least k reach, so only stretches that reach it are looked into, and a heap keeps the best of them.
/// Equal logits are ordered by id, lowest first. Allocates nothing.
/// </summary>
internal static class TopKSelector
{
    /// <summary>Logits of a stretch at least: long enough for whole vectors, short enough to pass over nearly all of a row.</summary>
    private const int StretchLength = 256;

    /// <summary>Stretches of a row at most; their largest lie on the stack.</summary>
    private const int MaxStretches = 1024;

    /// <summary>The likeliest token; the lowest id among equals.</summary>
    /// <exception cref="InvalidOperationException">The logits are not numbers.</exception>
    public static int Likeliest(ReadOnlySpan<float> logits)
    {
        int token = 0;
        float value = 0;
        Select(logits, new Span<int>(ref token), new Span<float>(ref value));
        return token;
    }

    /// <summary>Fills the spans, likeliest first.</summary>
    /// <param name="logits">All of them.</param>
    /// <param name="tokens">As many as are wanted; at most as many as there are logits.</param>
    /// <param name="values">Their logits; the same length.</param>
    /// <exception cref="InvalidOperationException">The logits are not numbers.</exception>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Select(ReadOnlySpan<float> logits, Span<int> tokens, Span<float> values)
    {
        int length = Math.Max(StretchLength, (logits.Length + MaxStretches - 1) / MaxStretches);
        int count = (logits.Length + length - 1) / length;
        Span<float> maxima = stackalloc float[MaxStretches];
        maxima = maxima[..count];
        for (int i = 0; i < count; i++)
        {
            maxima[i] = Maximum.Of(logits[(i * length)..Math.Min((i + 1) * length, logits.Length)]);
            if (float.IsNaN(maxima[i]))
                throw NotNumbers();
        }
        float least = tokens.Length <= count ? Least(maxima, tokens, values) : float.NegativeInfinity;
        var heap = new TopKHeap(tokens, values);
        for (int i = 0; i < count; i++)
            if (maxima[i] >= least)
                Collect(logits, i * length, Math.Min((i + 1) * length, logits.Length), least, ref heap);
        heap.Sort();
    }

    /// <summary>The logit that as many reach as are wanted; the spans are only lent.</summary>
    private static float Least(ReadOnlySpan<float> maxima, Span<int> tokens, Span<float> values)
    {
        var heap = new TopKHeap(tokens, values);
        Collect(maxima, 0, maxima.Length, float.NegativeInfinity, ref heap);
        return heap.Worst;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Collect(ReadOnlySpan<float> logits, int index, int end, float least, ref TopKHeap heap)
    {
        ref float start = ref MemoryMarshal.GetReference(logits);
        for (; index + Vector256<float>.Count <= end; index += Vector256<float>.Count)
            if (Vector256.GreaterThanOrEqualAny(
                Vector256.LoadUnsafe(ref start, (nuint)index), Vector256.Create(heap.IsFull ? heap.Worst : least)))
                for (int i = index; i < index + Vector256<float>.Count; i++)
                    if (logits[i] >= least)
                        heap.Offer(logits[i], i);
        for (; index < end; index++)
            if (logits[index] >= least)
                heap.Offer(logits[index], index);
    }

    private static InvalidOperationException NotNumbers() =>
        new("The model gave logits that are not numbers (NaN). Its weights are damaged, or this processor computes them wrongly.");
}
