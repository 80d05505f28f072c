using LocalInference.Engine.KvCache;

namespace LocalInference.Engine.Tests.KvCache;

public sealed class CacheInvariantsTests
{
    private static readonly CacheSnapshot Sound = new(
        BlockTokens: 4, BlockCount: 5, Free: [4], Tables: [new("a", 8, [0, 1]), new("b", 5, [2, 3]), new("c", 0, [])]);

    [Fact]
    public void Check_SoundBooks_FindsNothing() => Assert.Empty(CacheInvariants.Check(Sound));

    [Fact]
    public void Check_EachKindOfViolation_IsFoundAndNamed()
    {
        Expect("Block 4 has 2 holders in place of one, the free list", Sound with { Free = [4, 4] });
        Expect("Block 0 has 2 holders in place of one, the free list, sequence a.", Sound with { Free = [4, 0] });
        Expect("Block 4 has 0 holders", Sound with { Free = [] });
        Expect("The free list names block 9 of a cache of 5", Sound with { Free = [4, 9] });
        Expect("Sequence a holds 2 blocks for 9 cached tokens, which take 3", Sound with { Tables = [new("a", 9, [0, 1]), new("b", 5, [2, 3])] });
        Expect("Block 1 has 2 holders in place of one, sequence a, sequence b.", Sound with { Tables = [new("a", 8, [0, 1]), new("b", 5, [1, 2])] });
        Expect("Block 2 has 2 holders in place of one, sequence b, sequence b.", Sound with { Tables = [new("a", 8, [0, 1]), new("b", 5, [2, 2])] });
        Expect("Sequence a names block 7 of a cache of 5", Sound with { Tables = [new("a", 8, [0, 7]), new("b", 5, [2, 3])] });
    }

    [Fact]
    public void Check_SeveralViolations_ReportsThemAll() => Assert.Equal(2, CacheInvariants.Check(Sound with { Free = [0] }).Count);

    private static void Expect(string violation, CacheSnapshot snapshot) =>
        Assert.Contains(CacheInvariants.Check(snapshot), v => v.Contains(violation, StringComparison.Ordinal));
}
