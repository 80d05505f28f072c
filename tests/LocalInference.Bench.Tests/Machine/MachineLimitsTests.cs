using LocalInference.Bench.Machine;

namespace LocalInference.Bench.Tests.Machine;

public sealed class MachineLimitsTests
{
    private static readonly MachineLimits First = new(10e9, 300e9, 400);

    [Fact]
    public void Faster_OfTwo_IsTheStricterLimitAndTheLaterState()
    {
        Assert.Equal(new MachineLimits(12e9, 300e9, 100), MachineLimits.Faster(First, new MachineLimits(12e9, 200e9, 100)));
        Assert.Equal(new MachineLimits(10e9, null, null), MachineLimits.Faster(First, new MachineLimits(9e9, null, null)));
    }

    [Theory]
    [InlineData(149.9, "near")]
    [InlineData(150.0, "far")]
    [InlineData(null, "unknown")]
    public void State_OfALinesTime_IsNearOrFar(double? nanoseconds, string expected) =>
        Assert.Equal(expected, (First with { LineNanoseconds = nanoseconds }).State);
}
