using CsCheck;
using LocalInference.Bench.Step;

namespace LocalInference.Bench.Tests.Step;

public sealed class EstimateTests
{
    /// <summary>Ranks as tables of the sign test give them.</summary>
    [Theory]
    [InlineData(6, 1, 6)]
    [InlineData(8, 1, 8)]
    [InlineData(9, 2, 8)]
    [InlineData(20, 6, 15)]
    [InlineData(50, 18, 33)]
    [InlineData(100, 40, 61)]
    public void Of_OneToN_TakesTheTablesRanks(int count, double low, double high) =>
        Assert.Equal(new Estimate((count + 1) / 2.0, low, high), Estimate.Of(Enumerable.Range(1, count).Reverse().Select(i => (double)i)));

    [Fact]
    public void Of_TooFewSamples_IsRefused() => Assert.Contains("5 samples; at least 6", Assert.Throws<ArgumentException>(() => Estimate.Of(new double[5])).Message);

    [Fact]
    public void Of_ManyRuns_HoldTheTrueMedianInAtLeast95Of100()
    {
        var random = new Random(5);
        foreach (int count in (int[])[6, 7, 20, 61])
        {
            int held = Enumerable.Range(0, 2000).Count(_ =>
            {
                // A skewed distribution whose median is 1, as step times have.
                Estimate found = Estimate.Of(Enumerable.Range(0, count).Select(_ => Math.Pow(2 * random.NextDouble(), 3)));
                return found.Low <= 1 && found.High >= 1;
            });
            Assert.InRange(held, 1880, 2000);
        }
    }

    [Fact]
    public void Of_AnySamples_LieBetweenLeastAndLargest() =>
        Gen.Double[0.1, 10].Array[6, 300].Sample(samples =>
        {
            Estimate found = Estimate.Of(samples);
            Assert.True(samples.Min() <= found.Low && found.Low <= found.Median && found.Median <= found.High && found.High <= samples.Max());
        });
}
