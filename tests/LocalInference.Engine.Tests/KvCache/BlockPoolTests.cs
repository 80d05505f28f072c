using CsCheck;
using LocalInference.Engine.KvCache;

namespace LocalInference.Engine.Tests.KvCache;

public sealed class BlockPoolTests
{
    [Fact]
    public void TryTake_EveryBlock_GivesEachOnceAndThenNone()
    {
        BlockPool pool = new(3);
        HashSet<int> taken = [];
        while (pool.TryTake(out int block)) Assert.True(taken.Add(block));
        Assert.Equal([0, 1, 2], taken.Order());
        Assert.Equal((0, 3), (pool.FreeCount, pool.UsedCount));
    }

    [Fact]
    public void Release_OfAFreeBlock_IsABugThatIsNamed()
    {
        BlockPool pool = new(2);
        Assert.Contains("Block 1", Assert.Throws<InvalidOperationException>(() => pool.Release(1)).Message);
        Assert.Throws<InvalidOperationException>(() => pool.Release(2));
        Assert.True(pool.TryTake(out int block));
        pool.Release(block);
        Assert.Throws<InvalidOperationException>(() => pool.Release(block));
    }

    [Fact]
    public void TryGrow_BeyondThePool_ChangesNothing()
    {
        BlockPool pool = new(3);
        BlockTable table = new(capacity: 4);
        Assert.True(table.TryGrow(pool, 2));
        Assert.False(table.TryGrow(pool, 4));
        Assert.Equal((2, 1), (table.Count, pool.FreeCount));
    }

    [Fact]
    public void Pool_RandomUse_KeepsItsBooks() =>
        Gen.Select(Gen.Int[1, 12], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 6]).Array[0, 200]).Sample((blocks, moves) =>
        {
            BlockPool pool = new(blocks);
            BlockTable[] tables = [new(6), new(6), new(6), new(6)];
            foreach ((int t, int count) in moves)
            {
                int before = tables[t].Count;
                if (count < before) tables[t].Shrink(pool, count);
                else Assert.Equal(tables[t].TryGrow(pool, count) ? count : before, tables[t].Count);
                Assert.Empty(CacheInvariants.Check(Snapshot(pool, tables)));
            }
        });

    private static CacheSnapshot Snapshot(BlockPool pool, BlockTable[] tables) =>
        new(1, pool.BlockCount, [.. pool.Free], [.. tables.Select((t, i) => new TableSnapshot($"t{i}", t.Count, [.. t.Blocks]))]);
}
