using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Tests.Checkpoints;

public sealed class ElementTypesTests
{
    [Theory]
    [InlineData(0x3F807FFFu, 0x3F800000u)]
    [InlineData(0x3F808000u, 0x3F800000u)]
    [InlineData(0x3F808001u, 0x3F810000u)]
    [InlineData(0x3F818000u, 0x3F820000u)]
    [InlineData(0xBF818000u, 0xBF820000u)]
    public void RoundToBFloat16_AnyNumber_IsTheNearestAndTheEvenOneAtHalves(uint bits, uint expected) =>
        Assert.Equal(expected, ElementTypes.RoundToBFloat16(BitConverter.UInt32BitsToSingle(bits)));
}
