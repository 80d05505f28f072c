namespace LocalInference.Engine.KvCache;

/// <summary>What must hold of the cache between two steps, as code.</summary>
internal static class CacheInvariants
{
    /// <summary>Finds every violation, not only the first.</summary>
    /// <returns>A sentence each; empty when the books are right.</returns>
    public static IReadOnlyList<string> Check(CacheSnapshot snapshot)
    {
        List<string> violations = [];
        int[] holders = CountHolders(snapshot, violations);
        CheckFreeList(snapshot, violations);
        for (int block = 0; block < holders.Length; block++)
            if (snapshot.References[block] != holders[block])
                violations.Add($"Block {block} counts {snapshot.References[block]} holders, but {holders[block]} tables name it.");
        return violations;
    }

    private static int[] CountHolders(CacheSnapshot snapshot, List<string> violations)
    {
        int[] holders = new int[snapshot.References.Length];
        foreach (TableSnapshot table in snapshot.Tables)
        {
            int needed = (table.CachedTokens + snapshot.BlockTokens - 1) / snapshot.BlockTokens;
            if (table.Blocks.Length != needed)
                violations.Add($"Sequence {table.Sequence} holds {table.Blocks.Length} blocks for {table.CachedTokens} cached tokens, which take {needed}.");
            if (table.Blocks.Distinct().Count() != table.Blocks.Length)
                violations.Add($"Sequence {table.Sequence} names a block twice.");
            foreach (int block in table.Blocks)
                if ((uint)block < (uint)holders.Length) holders[block]++;
                else violations.Add($"Sequence {table.Sequence} names block {block} of a cache of {holders.Length}.");
        }
        return holders;
    }

    private static void CheckFreeList(CacheSnapshot snapshot, List<string> violations)
    {
        HashSet<int> seen = [];
        foreach (int block in snapshot.Free)
        {
            if ((uint)block >= (uint)snapshot.References.Length) violations.Add($"The free list names block {block} of a cache of {snapshot.References.Length}.");
            else if (!seen.Add(block)) violations.Add($"The free list names block {block} twice.");
            else if (snapshot.References[block] != 0) violations.Add($"Block {block} is free and has {snapshot.References[block]} holders.");
        }
        int unheld = snapshot.References.Count(r => r == 0);
        if (unheld != snapshot.Free.Length) violations.Add($"{unheld} blocks have no holder, but the free list has {snapshot.Free.Length}.");
    }
}
