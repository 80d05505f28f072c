using System.Collections.Immutable;

namespace LocalInference.Engine.KvCache;

/// <summary>
/// What must hold of the cache between two steps, as code: every block is free or one sequence's, and each sequence holds as many as its
/// cached tokens take.
/// </summary>
internal static class CacheInvariants
{
    /// <summary>Finds every violation, not only the first.</summary>
    /// <returns>A sentence each; empty when the books are right.</returns>
    public static IReadOnlyList<string> Check(CacheSnapshot snapshot)
    {
        List<string> violations = [];
        int[] holders = new int[snapshot.BlockCount];
        Count(snapshot.Free, "The free list", holders, violations);
        foreach (TableSnapshot table in snapshot.Tables)
        {
            int needed = (table.CachedTokens + snapshot.BlockTokens - 1) / snapshot.BlockTokens;
            if (table.Blocks.Length != needed)
                violations.Add(
                    $"Sequence {table.Sequence} holds {table.Blocks.Length} blocks for {table.CachedTokens} cached tokens, "
                    + $"which take {needed}.");
            Count(table.Blocks, $"Sequence {table.Sequence}", holders, violations);
        }
        for (int block = 0; block < holders.Length; block++)
            if (holders[block] != 1) violations.Add($"Block {block} has {holders[block]} holders in place of one{Names(snapshot, block)}.");
        return violations;
    }

    private static void Count(ImmutableArray<int> blocks, string holder, int[] holders, List<string> violations)
    {
        foreach (int block in blocks)
            if ((uint)block < (uint)holders.Length) holders[block]++;
            else violations.Add($"{holder} names block {block} of a cache of {holders.Length}.");
    }

    private static string Names(CacheSnapshot snapshot, int block) => string.Concat(
        snapshot.Tables.SelectMany(t => t.Blocks.Where(b => b == block), (t, _) => $", sequence {t.Sequence}")
            .Prepend(snapshot.Free.Contains(block) ? ", the free list" : ""));
}
