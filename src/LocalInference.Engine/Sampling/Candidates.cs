using System.Numerics;
using System.Numerics.Tensors;

namespace LocalInference.Engine.Sampling;

/// <summary>
/// The tokens that can still be drawn, in id order, with their logits and their weights relative to the likeliest token's.
/// </summary>
/// <param name="vocabularySize">Tokens at most.</param>
/// <remarks>Not thread-safe. Nothing allocates after construction.</remarks>
internal sealed class Candidates(int vocabularySize)
{
    // Small enough for the first-level cache in all three arrays.
    private const int Stride = 1024;

    private readonly int[] _allIds = [.. Enumerable.Range(0, vocabularySize)];
    private readonly int[] _ids = new int[vocabularySize];
    private readonly float[] _logits = new float[vocabularySize];
    private readonly double[] _weights = new double[vocabularySize];

    /// <summary>Tokens left.</summary>
    public int Count { get; private set; }

    /// <summary>Their ids, ascending.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Their weights: e^((logit − greatest logit) / temperature).</summary>
    public ReadOnlySpan<double> Weights => _weights.AsSpan(0, Count);

    /// <summary>Starts over with the tokens whose logit is not below <paramref name="floor"/>.</summary>
    public void Gather(ReadOnlySpan<float> logits, float floor)
    {
        if (float.IsNegativeInfinity(floor))
        {
            logits.CopyTo(_logits);
            _allIds.CopyTo(_ids, 0);
            Count = logits.Length;
            return;
        }
        Count = 0;
        int i = 0;
        Vector<float> floors = new(floor);
        for (; i + Vector<float>.Count <= logits.Length; i += Vector<float>.Count)
            if (Vector.GreaterThanOrEqualAny(new Vector<float>(logits[i..]), floors))
                AddAtLeast(logits, floor, i, i + Vector<float>.Count);
        AddAtLeast(logits, floor, i, logits.Length);
    }

    /// <summary>Computes the weights.</summary>
    public void Weigh(float max, double temperature)
    {
        for (int start = 0; start < Count; start += Stride)
        {
            Range range = start..Math.Min(start + Stride, Count);
            Span<double> weights = _weights.AsSpan(range);
            TensorPrimitives.ConvertTruncating<float, double>(_logits.AsSpan(range), weights);
            TensorPrimitives.Subtract(weights, max, weights);
            TensorPrimitives.Divide(weights, temperature, weights);
            TensorPrimitives.Exp<double>(weights, weights);
        }
    }

    /// <summary>Drops the tokens that weigh less than <paramref name="least"/>.</summary>
    public void KeepWeights(double least)
    {
        int kept = 0, i = 0;
        Vector<double> leasts = new(least);
        for (; i + Vector<double>.Count <= Count; i += Vector<double>.Count)
            if (Vector.GreaterThanOrEqualAny(new Vector<double>(_weights, i), leasts))
                MoveAtLeast(least, i, i + Vector<double>.Count, ref kept);
        MoveAtLeast(least, i, Count, ref kept);
        Count = kept;
    }

    /// <summary>Drops the tokens whose key is below <paramref name="least"/>.</summary>
    public void KeepKeys(ulong least)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
            if (KeyOf(i) >= least) Move(i, kept++);
        Count = kept;
    }

    /// <summary>Sum and number of the weights that are not below <paramref name="least"/>.</summary>
    public (double Weight, int Count) TallyFrom(double least)
    {
        ReadOnlySpan<double> weights = Weights;
        Vector<double> leasts = new(least), sums = Vector<double>.Zero;
        Vector<long> counts = Vector<long>.Zero;
        int i = 0;
        for (; i + Vector<double>.Count <= weights.Length; i += Vector<double>.Count)
        {
            Vector<double> weight = new(weights[i..]);
            Vector<long> isKept = Vector.GreaterThanOrEqual(weight, leasts);
            sums += Vector.ConditionalSelect(isKept, weight, Vector<double>.Zero);
            counts -= isKept;
        }
        (double sum, long count) = (Vector.Sum(sums), Vector.Sum(counts));
        foreach (double weight in weights[i..])
            if (weight >= least) (sum, count) = (sum + weight, count + 1);
        return (sum, (int)count);
    }

    /// <summary>Writes the keys of the tokens that weigh at least <paramref name="low"/> and less than <paramref name="high"/>.</summary>
    /// <returns>How many.</returns>
    public int CopyKeysBetween(double low, double high, Span<ulong> keys)
    {
        int count = 0;
        for (int i = 0; i < Count; i++)
            if (_weights[i] >= low && _weights[i] < high) keys[count++] = KeyOf(i);
        return count;
    }

    /// <summary>The weight of the token with this key, which must be among the candidates.</summary>
    public double WeightOf(ulong key) => _weights[Ids.BinarySearch((int)(uint)key)];

    // Orders by logit, then by id: a float's bits, made to ascend, above the id's. Adding zero makes −0 equal to 0.
    private ulong KeyOf(int index)
    {
        uint bits = BitConverter.SingleToUInt32Bits(_logits[index] + 0f);
        bits = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)bits << 32) | (uint)_ids[index];
    }

    private void AddAtLeast(ReadOnlySpan<float> logits, float floor, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            if (!(logits[i] >= floor)) continue;
            _ids[Count] = i;
            _logits[Count++] = logits[i];
        }
    }

    private void MoveAtLeast(double least, int from, int to, ref int kept)
    {
        for (int i = from; i < to; i++)
            if (_weights[i] >= least) Move(i, kept++);
    }

    private void Move(int from, int to)
    {
        _ids[to] = _ids[from];
        _logits[to] = _logits[from];
        _weights[to] = _weights[from];
    }
}
