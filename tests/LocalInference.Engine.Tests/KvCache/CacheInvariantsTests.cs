using LocalInference.Engine.KvCache;

namespace LocalInference.Engine.Tests.KvCache;

public sealed class CacheInvariantsTests
{
    private static readonly CacheSnapshot Sound = new(
        BlockTokens: 4, Free: [3], References: [1, 2, 1, 0], Tables: [new("a", 8, [0, 1]), new("b", 5, [1, 2]), new("c", 0, [])]);

    [Fact]
    public void Check_SoundBooksWithASharedBlock_FindsNothing() => Assert.Empty(CacheInvariants.Check(Sound));

    [Fact]
    public void Check_EachKindOfViolation_IsFoundAndNamed()
    {
        Expect("names block 3 twice", Sound with { Free = [3, 3] });
        Expect("Block 0 is free and has 1 holders", Sound with { Free = [3, 0] });
        Expect("names block 9", Sound with { Free = [9] });
        Expect("1 blocks have no holder, but the free list has 0", Sound with { Free = [] });
        Expect("Block 1 counts 1 holders, but 2", Sound with { References = [1, 1, 1, 0] });
        Expect("Sequence a holds 2 blocks for 9 cached tokens, which take 3", Sound with { Tables = [new("a", 9, [0, 1]), new("b", 5, [1, 2])] });
        Expect("Sequence b names a block twice", Sound with { Tables = [new("a", 8, [0, 1]), new("b", 5, [2, 2])] });
        Expect("Sequence a names block 7", Sound with { Tables = [new("a", 8, [0, 7]), new("b", 5, [1, 2])] });
    }

    [Fact]
    public void Check_SeveralViolations_ReportsThemAll() =>
        Assert.Equal(2, CacheInvariants.Check(Sound with { References = [1, 3, 2, 0] }).Count);

    private static void Expect(string violation, CacheSnapshot snapshot) =>
        Assert.Contains(CacheInvariants.Check(snapshot), v => v.Contains(violation, StringComparison.Ordinal));
}
