using LocalInference.Bench.Kernels;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Weights;

namespace LocalInference.Bench.Tests.Kernels;

public sealed class KernelListingTests
{
    private static readonly WeightFormat Int4 = new(Bits: 4, BlockSize: 32, HasZeroPoints: false, HasHalfScales: true);

    [Theory]
    [InlineData(KernelPath.Avx512Vnni, "vpdpbusd", 16)]
    [InlineData(KernelPath.AvxVnni, "vpdpbusd", 32)]
    [InlineData(KernelPath.Avx512, "vpmaddubsw", 16)]
    [InlineData(KernelPath.Avx2, "vpmaddubsw", 32)]
    public void Of_EveryPath_MultipliesASlabWithEachRow(KernelPath path, string instruction, int timesARow)
    {
        foreach (int rows in (int[])[1, 3, 16])
            // 32 outputs × 32 k of a row, as many at once as registers are wide.
            Assert.Equal(
                timesARow * rows,
                Lines(KernelListing.Of(Int4, rows, path)).Count(l => l.Contains($" {instruction} ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_AKernel_NamesFormatAndPathAndEndsWithItsReturnOrConstants()
    {
        string[] lines = Lines(KernelListing.Of(Int4 with { Bits = 8, BlockSize = 128 }, 1, KernelPath.Avx2));
        Assert.Contains("x 1 row: 8-bit weights in blocks of 128, fp16 scales, no zero points; path Avx2;", lines[0]);
        int end = Array.FindIndex(lines, l => l.EndsWith(" ret", StringComparison.Ordinal));
        Assert.True(end > 0);
        Assert.All(lines[(end + 1)..], l => Assert.Contains("  db ", l, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("(bad)", StringComparison.Ordinal));
    }

    private static string[] Lines(string text) => text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
