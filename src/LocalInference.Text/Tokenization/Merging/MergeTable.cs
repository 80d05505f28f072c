using System.Numerics;
using System.Runtime.CompilerServices;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>Which two neighbours merge, into what, and how early: one open-addressing table of pairs, 16 bytes an entry.</summary>
/// <remarks>Filled while loading, read-only afterwards. A merge is about one cache miss, which is what encoding costs.</remarks>
internal sealed class MergeTable
{
    /// <summary>The rank of two tokens that never merge.</summary>
    public const int Never = int.MaxValue;

    private Entry[] _entries = new Entry[1 << 10];
    private int _count;

    /// <summary>States that <paramref name="left"/> and <paramref name="right"/> merge; a pair stated twice has its last rank, as in Hugging Face.</summary>
    public void Add(int left, int right, int rank, int merged)
    {
        if (++_count * 4L > _entries.Length * 3L) Grow();
        _entries[FindSlot(Key(left, right))] = new Entry { Key = Key(left, right), Rank = rank, Merged = merged };
    }

    /// <summary>The rank of a pair, lowest first, or <see cref="Never"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int left, int right, out int merged)
    {
        ref Entry entry = ref _entries[FindSlot(Key(left, right))];
        merged = entry.Merged;
        return entry.Key == 0 ? Never : entry.Rank;
    }

    /// <summary>The pair of the lowest rank that merges into a token; false when no pair does. Looks at every pair.</summary>
    public bool TryFindParts(int merged, out int left, out int right)
    {
        Entry best = new() { Rank = Never };
        foreach (Entry entry in _entries)
            if (entry.Key != 0 && entry.Merged == merged && entry.Rank < best.Rank)
                best = entry;
        left = (int)(best.Key >> 32) - 1;
        right = (int)(uint)best.Key - 1;
        return best.Key != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindSlot(ulong key)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        int slot = (int)((key * 0x9E3779B97F4A7C15UL) >> 32) & mask;
        while (entries[slot].Key != key && entries[slot].Key != 0) slot = (slot + 1) & mask;
        return slot;
    }

    // Ids are shifted by one, so that no pair has the key 0, which marks an empty slot.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)(right + 1);

    private void Grow()
    {
        Entry[] old = _entries;
        _entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)old.Length + 1)];
        foreach (Entry entry in old)
            if (entry.Key != 0)
                _entries[FindSlot(entry.Key)] = entry;
    }

    private struct Entry
    {
        public ulong Key;
        public int Rank;
        public int Merged;
    }
}
