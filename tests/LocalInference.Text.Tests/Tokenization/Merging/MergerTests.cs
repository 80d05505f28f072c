using LocalInference.Text.Tokenization.Merging;

namespace LocalInference.Text.Tests.Tokenization.Merging;

public sealed class MergerTests
{
    [Fact]
    public void Merge_ShortAndLong_AgreeWithTheDefinition()
    {
        const int seed = 13;
        var random = new Random(seed);
        for (int round = 0; round < 300; round++)
        {
            MergeTable merges = RandomMerges(random, out Dictionary<(int, int), (int Rank, int Merged)> definition);
            int[] symbols = [.. Enumerable.Range(0, random.Next(1, ShortMerger.Limit + 1)).Select(_ => random.Next(4))];
            int[] expected = MergeByDefinition(symbols, definition);
            int[] byShort = [.. symbols];
            int[] byLong = [.. symbols];
            Assert.True(expected.SequenceEqual(byShort[..ShortMerger.Merge(merges, byShort)]), $"seed {seed}, round {round}: short");
            Assert.True(expected.SequenceEqual(byLong[..LongMerger.Merge(merges, byLong)]), $"seed {seed}, round {round}: long");
        }
    }

    [Fact]
    public void Find_ManyPairs_KeepsAll()
    {
        var merges = new MergeTable();
        for (int i = 0; i < 50_000; i++) merges.Add(i, i * 7 % 1000, rank: i, merged: i + 1);
        for (int i = 0; i < 50_000; i++)
        {
            Assert.Equal(i, merges.Find(i, i * 7 % 1000, out int merged));
            Assert.Equal(i + 1, merged);
        }

        Assert.Equal(MergeTable.Never, merges.Find(1, 1, out _));
        Assert.Equal([new(5, (4, 28))], merges.FindParts(new HashSet<int> { 0, 5 }));
    }

    private static MergeTable RandomMerges(Random random, out Dictionary<(int, int), (int Rank, int Merged)> definition)
    {
        var merges = new MergeTable();
        definition = [];
        for (int rank = 0; rank < 40; rank++)
        {
            (int Left, int Right) pair = (random.Next(12), random.Next(12));
            definition[pair] = (rank, random.Next(4, 12));
            merges.Add(pair.Left, pair.Right, rank, definition[pair].Merged);
        }

        return merges;
    }

    private static int[] MergeByDefinition(int[] symbols, Dictionary<(int, int), (int Rank, int Merged)> definition)
    {
        List<int> list = [.. symbols];
        while (true)
        {
            int best = -1;
            int lowest = int.MaxValue;
            for (int i = 0; i + 1 < list.Count; i++)
                if (definition.TryGetValue((list[i], list[i + 1]), out var merge) && merge.Rank < lowest)
                    (best, lowest) = (i, merge.Rank);
            if (best < 0) return [.. list];
            list[best] = definition[(list[best], list[best + 1])].Merged;
            list.RemoveAt(best + 1);
        }
    }
}
