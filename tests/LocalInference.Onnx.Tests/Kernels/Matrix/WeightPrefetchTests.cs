using LocalInference.Onnx.Kernels.Matrix;

namespace LocalInference.Onnx.Tests.Kernels.Matrix;

public class WeightPrefetchTests
{
    private const int Small = 32 * 1024;
    private const int Roomy = 48 * 1024;

    [Theory]
    [InlineData(1, Small, null)]
    [InlineData(2, Small, null)]
    [InlineData(3, Small, "SecondLevel")]
    [InlineData(8, Small, "SecondLevel")]
    [InlineData(9, Small, "FirstLevel")]
    [InlineData(16, Small, "FirstLevel")]
    [InlineData(1, Roomy, "FirstLevelOnce")]
    [InlineData(8, Roomy, "FirstLevelOnce")]
    [InlineData(9, Roomy, "FirstLevel")]
    public void For_RowsAndFirstLevel_ChoosesTheCacheThatMeasuredBest(int rows, int firstLevelBytes, string? into) =>
        Assert.Equal(into, WeightPrefetch.For(rows, firstLevelBytes)?.Into.ToString());

    [Fact]
    public void For_EveryNumberOfRows_StaysWithinItsCache()
    {
        for (int rows = 1; rows <= RowGroups.MaxRows; rows++)
            foreach (int firstLevelBytes in (int[])[Small, Roomy])
                if (WeightPrefetch.For(rows, firstLevelBytes) is { } prefetch)
                    Assert.True(prefetch.Into == PrefetchInto.SecondLevel || prefetch.Bytes <= firstLevelBytes / 3, $"{rows} rows, {firstLevelBytes} bytes: {prefetch}");
    }
}
