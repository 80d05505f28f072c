using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalInference.Engine.Sampling;

/// <summary>A span of logits in even parts, and how much the tokens in each weigh together.</summary>
/// <remarks>Not thread-safe. Nothing allocates after construction.</remarks>
internal sealed class LogitBuckets
{
    /// <summary>
    /// Parts: so many that even logits of a large vocabulary leave a few hundred tokens to each, so few that they stay in the first-level
    /// cache. A power of two.
    /// </summary>
    public const int Count = 1024;

    // What lies outside the span is added up too, rather than branched around, and lane by lane: one place for all would have each addition
    // wait for the one before.
    private const int OutsideCount = 16;

    private readonly double[] _sums = new double[Count + OutsideCount];
    private readonly int[] _indexes = new int[Strides.Length];
    private float _low;
    private float _high;
    private float _scale;

    /// <summary>Each bucket's weight, from low to high.</summary>
    public ReadOnlySpan<double> Sums => _sums.AsSpan(0, Count);

    /// <summary>Starts over with a span.</summary>
    /// <param name="low">The least logit in it; finite.</param>
    /// <param name="high">The greatest; finite.</param>
    public void Clear(float low, float high)
    {
        (_low, _high) = (low, high);
        // Where it divides by nothing or overflows one bucket takes all.
        _scale = (Count - 1) / (high - low);
        if (!float.IsFinite(_scale)) _scale = 0;
        Array.Clear(_sums);
    }

    /// <summary>Adds a stride's weights.</summary>
    public void Add(ReadOnlySpan<float> stride, ReadOnlySpan<double> weights)
    {
        ref int index = ref MemoryMarshal.GetReference(Find(stride));
        ref double weight = ref MemoryMarshal.GetReference(weights[..Strides.Length]);
        ref double sum = ref MemoryMarshal.GetArrayDataReference(_sums);
        // Unchecked: Find gives no index out of range.
        for (int i = 0; i < Strides.Length; i++) Unsafe.Add(ref sum, Unsafe.Add(ref index, i)) += Unsafe.Add(ref weight, i);
    }

    /// <summary>The bucket of each of a stride's logits; <see cref="Count"/> or more for what lies outside the span.</summary>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<int> Find(ReadOnlySpan<float> stride)
    {
        Vector<float> low = new(_low), high = new(_high), scale = new(_scale);
        Vector<int> outside = Vector.CreateSequence(Count, 1), inRange = new(Count - 1);
        ref float logit = ref MemoryMarshal.GetReference(stride[..Strides.Length]);
        ref int index = ref MemoryMarshal.GetArrayDataReference(_indexes);
        for (int i = 0; i < Strides.Length; i += Vector<float>.Count)
        {
            Vector<float> logits = Vector.LoadUnsafe(ref logit, (nuint)i);
            Vector<int> isOutside = Vector.LessThan(logits, low) | Vector.GreaterThan(logits, high);
            // Changes nothing but what is no number: the distance may be infinite, and the scale 0 then.
            Vector<int> buckets = Vector.ConvertToInt32Native((logits - low) * scale) & inRange;
            Vector.ConditionalSelect(isOutside, outside, buckets).StoreUnsafe(ref index, (nuint)i);
        }
        return _indexes;
    }
}
