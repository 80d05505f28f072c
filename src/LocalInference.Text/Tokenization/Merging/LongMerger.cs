using System.Buffers;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>
/// Merges a long piece with a heap of (rank, position) over a linked list: n log n, where looking for the lowest rank each time would be
/// quadratic (a megabyte of one letter took the library 80 s). Buffers come from the shared pool.
/// </summary>
internal ref struct LongMerger
{
    private const int Gone = -1;
    private readonly MergeTable _merges;
    private readonly int[] _room;
    private readonly Span<int> _symbols;
    private readonly Span<int> _next;
    private readonly Span<int> _previous;
    private readonly Span<int> _ranks;
    private readonly Span<int> _merged;
    private PairHeap _heap;

    private LongMerger(MergeTable merges, Span<int> symbols)
    {
        int count = symbols.Length;
        _merges = merges;
        _symbols = symbols;
        _room = ArrayPool<int>.Shared.Rent(checked(4 * count));
        _next = _room.AsSpan(0, count);
        _previous = _room.AsSpan(count, count);
        _ranks = _room.AsSpan(2 * count, count);
        _merged = _room.AsSpan(3 * count, count);
        _heap = new PairHeap(count);
    }

    /// <summary>Merges symbols in place, lowest rank first, leftmost among equals.</summary>
    /// <returns>How many are left, at the front.</returns>
    public static int Merge(MergeTable merges, Span<int> symbols)
    {
        if (symbols.Length < 2) return symbols.Length;
        var merger = new LongMerger(merges, symbols);
        try
        {
            merger.Link();
            merger.MergeAll();
            return merger.Compact();
        }
        finally
        {
            ArrayPool<int>.Shared.Return(merger._room);
            merger._heap.Return();
        }
    }

    private void Link()
    {
        for (int i = 0; i < _symbols.Length; i++)
        {
            _next[i] = i + 1 < _symbols.Length ? i + 1 : Gone;
            _previous[i] = i - 1;
        }

        for (int i = 0; i < _symbols.Length; i++) Rank(i);
    }

    private void MergeAll()
    {
        while (_heap.TryPop(out int rank, out int at))
        {
            // A pair whose rank has changed since it was pushed is gone; its present rank has an entry of its own.
            if (_ranks[at] != rank) continue;
            int right = _next[at];
            _symbols[at] = _merged[at];
            _next[at] = _next[right];
            _ranks[right] = Gone;
            if (_next[at] != Gone) _previous[_next[at]] = at;
            Rank(at);
            if (_previous[at] != Gone) Rank(_previous[at]);
        }
    }

    private void Rank(int at)
    {
        _ranks[at] = _next[at] == Gone ? MergeTable.Never : _merges.Find(_symbols[at], _symbols[_next[at]], out _merged[at]);
        if (_ranks[at] != MergeTable.Never) _heap.Push(_ranks[at], at);
    }

    private readonly int Compact()
    {
        int count = 0;
        for (int i = 0; i != Gone; i = _next[i]) _symbols[count++] = _symbols[i];
        return count;
    }
}
