using LocalInference.Text.Tokenization.Merging;

namespace LocalInference.Text.Tests.Tokenization.Merging;

public sealed class PairHeapTests
{
    [Fact]
    public void TryPop_RandomPushesBetween_GivesTheLowestRankLeftmostFirst()
    {
        const int seed = 59;
        var random = new Random(seed);
        var heap = new PairHeap(capacity: 1);
        var expected = new SortedSet<(int Rank, int Position)>();
        for (int i = 0; i < 20_000; i++)
        {
            if (expected.Count == 0 || random.Next(5) < 3)
            {
                (int Rank, int Position) pair = (random.Next(300), i);
                expected.Add(pair);
                heap.Push(pair.Rank, pair.Position);
            }
            else
            {
                Assert.True(heap.TryPop(out int rank, out int position));
                Assert.Equal(expected.Min, (rank, position));
                expected.Remove(expected.Min);
            }
        }

        while (expected.Count > 0)
        {
            Assert.True(heap.TryPop(out int rank, out int position));
            Assert.Equal(expected.Min, (rank, position));
            expected.Remove(expected.Min);
        }

        Assert.False(heap.TryPop(out _, out _));
        heap.Return();
    }
}
