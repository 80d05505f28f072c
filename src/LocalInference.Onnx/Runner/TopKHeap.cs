using System.Runtime.CompilerServices;

namespace LocalInference.Onnx.Runner;

/// <summary>
/// The best few of what is offered, over two spans; the worst of them on top, so that it is the first to give way. Offers come in the order
/// of ids.
/// </summary>
/// <param name="tokens">As many as are wanted.</param>
/// <param name="values">Their logits; the same length.</param>
internal ref struct TopKHeap(Span<int> tokens, Span<float> values)
{
    private readonly Span<int> _tokens = tokens;
    private readonly Span<float> _values = values;
    private int _count;

    /// <summary>Whether another offer must beat the worst.</summary>
    public readonly bool IsFull => _count == _tokens.Length;

    /// <summary>The worst that is kept, once it is full.</summary>
    public readonly float Worst => _values[0];

    /// <summary>Takes a logit if there is room or it beats the worst; later ids among equals lose.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Offer(float logit, int token)
    {
        if (!IsFull)
        {
            (_tokens[_count], _values[_count]) = (token, logit);
            if (++_count == _tokens.Length)
                for (int i = (_count / 2) - 1; i >= 0; i--)
                    Sink(i, _count);
        }
        else if (logit > _values[0])
        {
            (_tokens[0], _values[0]) = (token, logit);
            Sink(0, _count);
        }
    }

    /// <summary>Puts the best first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Sort()
    {
        for (int last = _count - 1; last > 0; last--)
        {
            Swap(0, last);
            Sink(0, last);
        }
    }

    /// <summary>Whether the first is to be given out after the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsWorse(int first, int second) =>
        _values[first] < _values[second] || (_values[first] == _values[second] && _tokens[first] > _tokens[second]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Sink(int parent, int count)
    {
        for (int child = (2 * parent) + 1; child < count; child = (2 * parent) + 1)
        {
            if (child + 1 < count && IsWorse(child + 1, child))
                child++;
            if (!IsWorse(child, parent))
                return;
            Swap(child, parent);
            parent = child;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Swap(int first, int second)
    {
        (_tokens[first], _tokens[second]) = (_tokens[second], _tokens[first]);
        (_values[first], _values[second]) = (_values[second], _values[first]);
    }
}
