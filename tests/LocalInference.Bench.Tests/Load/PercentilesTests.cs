using CsCheck;
using LocalInference.Bench.Load;

namespace LocalInference.Bench.Tests.Load;

public sealed class PercentilesTests
{
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 1, 2, 2)]
    [InlineData(20, 10, 19, 20)]
    [InlineData(99, 50, 95, 99)]
    [InlineData(100, 50, 95, 99)]
    [InlineData(1000, 500, 950, 990)]
    public void Of_OneToN_IsTheNearestRank(int n, double p50, double p95, double p99) =>
        Assert.Equal(
            new Percentiles(p50, p95, p99), Percentiles.Of(Enumerable.Range(1, n).Reverse().Select(i => TimeSpan.FromMilliseconds(i))));

    [Fact]
    public void Of_Nothing_IsNothing() => Assert.Equal(new Percentiles(null, null, null), Percentiles.Of([]));

    [Fact]
    public void Of_AnySamples_AreSamplesWithAtLeastTheirShareBelow() =>
        Gen.Int[0, 50].Array[1, 300].Sample(values =>
        {
            Percentiles found = Percentiles.Of(values.Select(v => TimeSpan.FromMilliseconds(v)));
            foreach ((double? value, int percent) in new[] { (found.P50, 50), (found.P95, 95), (found.P99, 99) })
            {
                Assert.Contains((int)value!, values);
                Assert.True(values.Count(v => v <= value) * 100 >= percent * values.Length);
                Assert.True(values.Count(v => v < value) * 100 < percent * values.Length);
            }
        });
}
