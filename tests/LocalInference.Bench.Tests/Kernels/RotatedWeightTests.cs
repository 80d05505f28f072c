using LocalInference.Bench.Kernels;

namespace LocalInference.Bench.Tests.Kernels;

public sealed unsafe class RotatedWeightTests
{
    [Fact]
    public void Next_ManyTimes_TakesEveryCopyBeforeOneComesAgain()
    {
        using RotatedWeight weight = new(outputs: 1536, inputs: 8960, blockSize: 32);
        nint[] taken = [.. Enumerable.Range(0, 36).Select(_ => (nint)weight.Next())];
        Assert.Equal(35, taken.Distinct().Count());
        Assert.Equal(taken[0], taken[35]);
    }

    [Theory]
    [InlineData(7_741_440, 35)]
    [InlineData(256L << 20, 1)]
    [InlineData((256L << 20) - 1, 2)]
    public void CopiesOf_AWeight_AreMoreThanCachesHold(long bytes, int expected) => Assert.Equal(expected, RotatedWeight.CopiesOf(bytes));
}
