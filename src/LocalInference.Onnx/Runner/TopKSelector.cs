using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// Finds the likeliest tokens of a row of logits in one pass: a heap holds the best so far, and whole vectors that hold nothing better than its worst are
/// passed over. Equal logits are ordered by id, lowest first. Allocates nothing.
/// </summary>
internal static class TopKSelector
{
    /// <summary>The likeliest token; the lowest id among equals.</summary>
    /// <exception cref="InvalidOperationException">The logits are not numbers.</exception>
    public static int Likeliest(ReadOnlySpan<float> logits)
    {
        int index = TensorPrimitives.IndexOfMax(logits);
        return float.IsNaN(logits[index]) ? throw NotNumbers() : index;
    }

    /// <summary>Fills the spans, likeliest first.</summary>
    /// <param name="logits">All of them.</param>
    /// <param name="tokens">As many as are wanted; at most as many as there are logits.</param>
    /// <param name="values">Their logits; the same length.</param>
    /// <exception cref="InvalidOperationException">The logits are not numbers.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Select(ReadOnlySpan<float> logits, Span<int> tokens, Span<float> values)
    {
        int count = tokens.Length;
        for (int i = 0; i < count; i++)
            (tokens[i], values[i]) = (i, logits[i]);
        for (int i = (count / 2) - 1; i >= 0; i--)
            Sink(tokens, values, i, count);
        ref float start = ref MemoryMarshal.GetReference(logits);
        int index = count;
        // Later ids among equals lose, so only a logit above the heap's worst gets in.
        for (; index + Vector256<float>.Count <= logits.Length; index += Vector256<float>.Count)
            if (Vector256.GreaterThanAny(Vector256.LoadUnsafe(ref start, (nuint)index), Vector256.Create(values[0])))
                for (int i = index; i < index + Vector256<float>.Count; i++)
                    Offer(logits[i], i, tokens, values);
        for (; index < logits.Length; index++)
            Offer(logits[index], index, tokens, values);
        for (int last = count - 1; last > 0; last--)
        {
            Swap(tokens, values, 0, last);
            Sink(tokens, values, 0, last);
        }
        foreach (float value in values)
            if (float.IsNaN(value))
                throw NotNumbers();
    }

    private static void Offer(float logit, int token, Span<int> tokens, Span<float> values)
    {
        if (!(logit > values[0]))
            return;
        (tokens[0], values[0]) = (token, logit);
        Sink(tokens, values, 0, tokens.Length);
    }

    /// <summary>Whether the first is to be given out after the second: the heap's top is the worst.</summary>
    private static bool IsWorse(Span<int> tokens, Span<float> values, int first, int second) =>
        values[first] < values[second] || (values[first] == values[second] && tokens[first] > tokens[second]);

    private static void Sink(Span<int> tokens, Span<float> values, int parent, int count)
    {
        for (int child = (2 * parent) + 1; child < count; child = (2 * parent) + 1)
        {
            if (child + 1 < count && IsWorse(tokens, values, child + 1, child))
                child++;
            if (!IsWorse(tokens, values, child, parent))
                return;
            Swap(tokens, values, child, parent);
            parent = child;
        }
    }

    private static void Swap(Span<int> tokens, Span<float> values, int first, int second)
    {
        (tokens[first], tokens[second]) = (tokens[second], tokens[first]);
        (values[first], values[second]) = (values[second], values[first]);
    }

    private static InvalidOperationException NotNumbers() =>
        new("The model gave logits that are not numbers (NaN). Its weights are damaged, or this processor computes them wrongly.");
}
