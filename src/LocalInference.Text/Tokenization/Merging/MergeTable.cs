using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>Which two neighbours merge, into what, and how early: one open-addressing table of pairs, 16 bytes an entry.</summary>
/// <remarks>Filled while loading, read-only afterwards. A merge is about one cache miss, which is what encoding costs.</remarks>
internal sealed class MergeTable
{
    /// <summary>The rank of two tokens that never merge.</summary>
    public const int Never = int.MaxValue;

    // Pairs of small ids, which in byte-level vocabularies are the single bytes, stand in a square as well: every piece begins with looking
    // those up (a tenth faster on Chinese). Ranks are kept one up there, so that 0 means no pair.
    private const int SmallIds = 512;
    private readonly (int RankPlusOne, int Merged)[] _smallPairs = new (int, int)[SmallIds * SmallIds];
    private Entry[] _entries;
    private int _count;

    /// <summary>Makes an empty table.</summary>
    /// <param name="expected">About how many pairs will be added; it grows beyond.</param>
    public MergeTable(int expected = 1 << 9) =>
        _entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(expected, 1 << 9) * 4 / 3)];

    /// <summary>
    /// States that <paramref name="left"/> and <paramref name="right"/> merge; a pair stated twice has its last rank, as in Hugging Face.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(int left, int right, int rank, int merged)
    {
        if (++_count * 4L > _entries.Length * 3L) Grow();
        if ((uint)(left | right) < SmallIds) _smallPairs[left * SmallIds + right] = (rank + 1, merged);
        FindEntry(Key(left, right)) = new Entry { Key = Key(left, right), Rank = rank, Merged = merged };
    }

    /// <summary>The rank of a pair, lowest first, or <see cref="Never"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int left, int right, out int merged)
    {
        if ((uint)(left | right) < SmallIds)
        {
            (int rankPlusOne, merged) = _smallPairs[left * SmallIds + right];
            return rankPlusOne == 0 ? Never : rankPlusOne - 1;
        }

        ref Entry entry = ref FindEntry(Key(left, right));
        merged = entry.Merged;
        return entry.Key == 0 ? Never : entry.Rank;
    }

    /// <summary>Looks at every pair: left, right, the merge's rank, and what they merge into; in no order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void VisitPairs(Action<int, int, int, int> visit)
    {
        foreach (Entry entry in _entries)
            if (entry.Key != 0)
                visit((int)(entry.Key >> 32) - 1, (int)(uint)entry.Key - 1, entry.Rank, entry.Merged);
    }

    /// <summary>For each token the lowest rank of the pairs that it is a part of; <see cref="Never"/> where it is part of none.</summary>
    /// <param name="size">One more than the largest token.</param>
    public int[] FirstUses(int size)
    {
        var uses = new int[size];
        Array.Fill(uses, Never);
        VisitPairs((left, right, rank, _) =>
        {
            uses[left] = Math.Min(uses[left], rank);
            uses[right] = Math.Min(uses[right], rank);
        });
        return uses;
    }

    /// <summary>
    /// For each of some tokens the pair of the lowest rank that merges into it; tokens that none does are left out. Looks at every pair.
    /// </summary>
    public Dictionary<int, (int Left, int Right)> FindParts(IReadOnlySet<int> tokens)
    {
        var parts = new Dictionary<int, (int Left, int Right)>();
        var ranks = new Dictionary<int, int>();
        VisitPairs((left, right, rank, merged) =>
        {
            if (!tokens.Contains(merged) || ranks.GetValueOrDefault(merged, Never) <= rank) return;
            ranks[merged] = rank;
            parts[merged] = (left, right);
        });
        return parts;
    }

    // The pair's entry, or the empty one where it would go. The mask keeps the index inside the table, so it is not checked again.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry FindEntry(ulong key)
    {
        ref Entry first = ref MemoryMarshal.GetArrayDataReference(_entries);
        uint mask = (uint)_entries.Length - 1;
        uint slot = (uint)((key * 0x9E3779B97F4A7C15UL) >> 32) & mask;
        while (true)
        {
            ref Entry entry = ref Unsafe.Add(ref first, slot);
            if (entry.Key == key || entry.Key == 0) return ref entry;
            slot = (slot + 1) & mask;
        }
    }

    // Ids are shifted by one, so that no pair has the key 0, which marks an empty slot.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)(right + 1);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow()
    {
        Entry[] old = _entries;
        _entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)old.Length + 1)];
        foreach (Entry entry in old)
            if (entry.Key != 0)
                FindEntry(entry.Key) = entry;
    }

    private struct Entry
    {
        public ulong Key;
        public int Rank;
        public int Merged;
    }
}
