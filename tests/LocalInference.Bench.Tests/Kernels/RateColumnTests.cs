using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using LocalInference.Bench.Kernels;

namespace LocalInference.Bench.Tests.Kernels;

/// <summary>From times to speeds.</summary>
public sealed class RateColumnTests
{
    [Theory]
    [InlineData(1000, 10.0, "100")]
    [InlineData(1000, 80.0, "12.5")]
    [InlineData(1000, 300.0, "3.33")]
    [InlineData(0, 10.0, "–")]
    [InlineData(1000, null, "–")]
    public void Rate_WorkByNanoseconds_IsInThousandMillionsASecond(double amount, double? nanoseconds, string expected) =>
        Assert.Equal(expected, RateColumn.Rate(amount, nanoseconds));

    [Fact]
    public void Of_AProduct_CountsEveryRowsMultiplyAddsAndTheWeightOnce()
    {
        WorkAttribute[] works =
            [.. Cases<ProductBenchmarks>().Where(c => (int)c.Parameters["Rows"] == 16).Select(c => WorkAttribute.Of(c)!)];
        Assert.NotEmpty(works);
        Assert.All(works, work => Assert.Equal(16.0 * 8960 * 1536, work.MultiplyAdds));
        // 48 tiles of 280 blocks of 576 bytes.
        Assert.All(works, work => Assert.Equal(48 * 280 * 576, work.Bytes));
    }

    [Fact]
    public void Of_ATileOfAPrompt_CountsWhatEachRowSees()
    {
        BenchmarkCase tile = Cases<AttentionBenchmarks>()
            .First(c => c.Descriptor.WorkloadMethod.Name == nameof(AttentionBenchmarks.PrefillTile));
        Assert.Equal(2.0 * 12 * 128 * Enumerable.Range(985, 16).Sum(), WorkAttribute.Of(tile)!.MultiplyAdds);
    }

    [Fact]
    public void Of_ABenchmarkWithoutStatedWork_IsNull() => Assert.All(Cases<RowBenchmarks>(), c => Assert.Null(WorkAttribute.Of(c)));

    private static BenchmarkCase[] Cases<T>() => BenchmarkConverter.TypeToBenchmarks(typeof(T), ManualConfig.CreateEmpty()).BenchmarksCases;
}
