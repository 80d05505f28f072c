using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LocalInference.Engine.Sampling;

/// <summary>
/// A row of logits in strides of equal length, and beside it each stride's greatest: who wants large logits looks into few strides.
/// </summary>
internal readonly ref struct Strides
{
    /// <summary>Tokens of a stride: few enough to skip most of a row, enough for whole registers.</summary>
    public const int Length = 128;

    private readonly ReadOnlySpan<float> _last;

    /// <summary>Cuts a row.</summary>
    /// <param name="logits">At least one.</param>
    /// <param name="maxima">Overwritten: as many as <see cref="CountOf"/> says, in whole strides.</param>
    /// <param name="last">Overwritten: one stride.</param>
    public Strides(ReadOnlySpan<float> logits, Span<float> maxima, Span<float> last)
    {
        Logits = logits;
        last.Fill(float.NegativeInfinity);
        logits[(logits.Length / Length * Length)..].CopyTo(last);
        _last = last;
        Count = CountOf(logits.Length);
        for (int i = 0; i < Count; i++) maxima[i] = Greatest(this[i]);
        maxima[Count..].Fill(float.NegativeInfinity);
        PaddedMaxima = maxima;
        Max = TensorPrimitives.Max(Maxima);
    }

    /// <summary>The row.</summary>
    public ReadOnlySpan<float> Logits { get; }

    /// <summary>Strides.</summary>
    public int Count { get; }

    /// <summary>The greatest logit; NaN where one is.</summary>
    public float Max { get; }

    /// <summary>Each stride's greatest logit.</summary>
    public ReadOnlySpan<float> Maxima => PaddedMaxima[..Count];

    /// <summary>The maxima, filled up with −∞ to whole strides.</summary>
    public ReadOnlySpan<float> PaddedMaxima { get; }

    /// <summary>One stride; the last is filled up with −∞.</summary>
    public ReadOnlySpan<float> this[int index] =>
        (index + 1) * Length <= Logits.Length ? Logits.Slice(index * Length, Length) : _last;

    /// <summary>The lowest id of those with the greatest logit, which is not NaN.</summary>
    public int IndexOfMax()
    {
        int stride = Maxima.IndexOf(Max);
        return stride * Length + this[stride].IndexOf(Max);
    }

    /// <summary>Strides that so many tokens take.</summary>
    public static int CountOf(int tokens) => (tokens + Length - 1) / Length;

    // NaN where one is.
    private static float Greatest(ReadOnlySpan<float> stride)
    {
        ref float first = ref MemoryMarshal.GetReference(stride[..Length]);
        Vector256<float> a = Vector256.Create(float.NegativeInfinity), b = a, areNumbers = Vector256<float>.AllBitsSet;
        for (nuint i = 0; i < Length; i += 16)
        {
            Vector256<float> x = Vector256.LoadUnsafe(ref first, i), y = Vector256.LoadUnsafe(ref first, i + 8);
            a = Vector256.MaxNative(a, x);
            b = Vector256.MaxNative(b, y);
            // What is no number is not even equal to itself.
            areNumbers &= Vector256.Equals(x, x) & Vector256.Equals(y, y);
        }
        if (areNumbers.AsInt32() != Vector256<int>.AllBitsSet) return float.NaN;
        a = Vector256.MaxNative(a, b);
        Vector128<float> c = Vector128.MaxNative(a.GetLower(), a.GetUpper());
        c = Vector128.MaxNative(c, Vector128.Shuffle(c, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(c[0], c[1]);
    }
}
