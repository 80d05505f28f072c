using LocalInference.Engine.Sampling;

namespace LocalInference.Engine.Tests.Sampling;

public sealed class PhiloxTests
{
    // The known answers that the paper's authors publish with their library.
    [Theory]
    [InlineData(0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_KnownInputs_GivesTheKnownAnswers(
        uint a, uint b, uint c, uint d, uint key0, uint key1, uint expectedA, uint expectedB, uint expectedC, uint expectedD) =>
        Assert.Equal((expectedA, expectedB, expectedC, expectedD), Philox.Block(a, b, c, d, key0, key1));

    [Fact]
    public void Uniform_ManyPositions_FillsTheUnitIntervalEvenly()
    {
        int[] buckets = new int[16];
        for (int position = 0; position < 160_000; position++) buckets[(int)(Philox.Uniform(seed: 7, position) * 16)]++;
        // Six standard deviations of a binomial count around 10,000.
        Assert.All(buckets, count => Assert.InRange(count, 10_000 - 581, 10_000 + 581));
    }

    [Fact]
    public void Uniform_SeedAndPosition_BothMatterInAllTheirBits()
    {
        Assert.Equal(Philox.Uniform(1, 2), Philox.Uniform(1, 2));
        Assert.Equal(5, new HashSet<double> { Philox.Uniform(1, 2), Philox.Uniform(2, 1), Philox.Uniform(-1, 2), Philox.Uniform(1L << 40, 2), Philox.Uniform(1, 2 + (1L << 40)) }.Count);
    }
}
