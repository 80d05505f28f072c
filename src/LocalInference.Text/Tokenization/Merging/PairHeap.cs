using System.Buffers;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>A four-way heap of (rank, position) in one pooled array: the lowest rank first, leftmost among equals.</summary>
internal struct PairHeap(int capacity)
{
    private const int Arity = 4;
    private ulong[] _items = ArrayPool<ulong>.Shared.Rent(Math.Max(capacity, 16));
    private int _count;

    public void Push(int rank, int position)
    {
        if (_count == _items.Length) Grow();
        ulong item = ((ulong)(uint)rank << 32) | (uint)position;
        int at = _count++;
        while (at > 0 && (at - 1) / Arity is var parent && _items[parent] > item)
        {
            _items[at] = _items[parent];
            at = parent;
        }

        _items[at] = item;
    }

    public bool TryPop(out int rank, out int position)
    {
        (rank, position) = (0, 0);
        if (_count == 0) return false;
        ulong top = _items[0];
        (rank, position) = ((int)(top >> 32), (int)(uint)top);
        ulong last = _items[--_count];
        int at = 0;
        while (SmallestChild(at) is var child && child < _count && _items[child] < last)
        {
            _items[at] = _items[child];
            at = child;
        }

        _items[at] = last;
        return true;
    }

    /// <summary>Gives the array back; the heap is not used afterwards.</summary>
    public readonly void Return() => ArrayPool<ulong>.Shared.Return(_items);

    private readonly int SmallestChild(int at)
    {
        int smallest = at * Arity + 1;
        int end = Math.Min(smallest + Arity, _count);
        for (int child = smallest + 1; child < end; child++)
            if (_items[child] < _items[smallest])
                smallest = child;
        return smallest;
    }

    private void Grow()
    {
        ulong[] larger = ArrayPool<ulong>.Shared.Rent(_items.Length * 2);
        _items.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<ulong>.Shared.Return(_items);
        _items = larger;
    }
}
