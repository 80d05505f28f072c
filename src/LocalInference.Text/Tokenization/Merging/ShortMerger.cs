using System.Runtime.CompilerServices;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>
/// Merges a short piece by looking for the lowest rank over and over: quadratic, but on the stack, and faster than a heap up to about
/// <see cref="Limit"/> symbols (measured).
/// </summary>
internal static class ShortMerger
{
    /// <summary>The most symbols it takes.</summary>
    public const int Limit = 96;

    /// <summary>Merges symbols in place, lowest rank first, leftmost among equals.</summary>
    /// <returns>How many are left, at the front.</returns>
    [SkipLocalsInit]
    public static int Merge(MergeTable merges, Span<int> symbols)
    {
        if (symbols.Length < 2) return symbols.Length;
        Span<int> ranks = stackalloc int[Limit];
        Span<int> merged = stackalloc int[Limit];
        int count = symbols.Length;
        for (int i = 0; i + 1 < count; i++) ranks[i] = merges.Find(symbols[i], symbols[i + 1], out merged[i]);
        while (count > 1)
        {
            int best = IndexOfLowest(ranks[..(count - 1)]);
            if (best < 0) break;
            symbols[best] = merged[best];
            Close(symbols, best + 1, count);
            Close(ranks, best, count - 1);
            Close(merged, best, count - 1);
            count--;
            if (best < count - 1) ranks[best] = merges.Find(symbols[best], symbols[best + 1], out merged[best]);
            if (best > 0) ranks[best - 1] = merges.Find(symbols[best - 1], symbols[best], out merged[best - 1]);
        }

        return count;
    }

    private static int IndexOfLowest(ReadOnlySpan<int> ranks)
    {
        int lowest = MergeTable.Never;
        int at = -1;
        for (int i = 0; i < ranks.Length; i++)
        {
            if (ranks[i] >= lowest) continue;
            lowest = ranks[i];
            at = i;
        }

        return at;
    }

    // Takes one element out of the first `count`.
    private static void Close(Span<int> values, int index, int count) => values[(index + 1)..count].CopyTo(values[index..]);
}
