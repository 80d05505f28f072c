using Iced.Intel;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Matrix;
using LocalInference.Onnx.Weights;

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

    // 12 rows: fetched for on every processor. Blocks of 16 and 32 are one slab.
    [Theory]
    [InlineData(4, 16, KernelPath.Avx2)]
    [InlineData(4, 32, KernelPath.Avx2)]
    [InlineData(8, 32, KernelPath.AvxVnni)]
    [InlineData(4, 16, KernelPath.Avx512Vnni)]
    [InlineData(4, 32, KernelPath.Avx512Vnni)]
    [InlineData(8, 32, KernelPath.Avx512)]
    public void Assemble_BlockOfOneSlab_FetchesEachLineOnceAndBetweenProducts(int bits, int blockSize, KernelPath path)
    {
        var format = new WeightFormat(bits, blockSize, HasZeroPoints: true, HasHalfScales: true);
        int ahead = WeightPrefetch.For(12, FirstLevelCache.Bytes)!.Value.Bytes;
        (ulong Distance, bool FollowsAnother)[] fetches = [.. Fetches(ProductKernel.Assemble(format, 12, path))];
        int header = format.HeaderBytes / WeightFormat.LineBytes, slab = format.SlabCodeBytes / WeightFormat.LineBytes;
        Assert.Equal([.. Lines(header), .. Lines(slab)], fetches.Select(f => f.Distance));
        Assert.DoesNotContain(fetches.Skip(header), f => f.FollowsAnother);

        IEnumerable<ulong> Lines(int count) => Enumerable.Range(0, count).Select(line => (ulong)(ahead + (line * WeightFormat.LineBytes)));
    }

    /// <summary>A kernel's fetches in order: how far ahead, and whether nothing is between one and the one before it.</summary>
    private static IEnumerable<(ulong Distance, bool FollowsAnother)> Fetches(byte[] code)
    {
        var decoder = Decoder.Create(64, code);
        var before = Mnemonic.INVALID;
        while (before != Mnemonic.Ret)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.Mnemonic == Mnemonic.Prefetcht0)
                yield return (instruction.MemoryDisplacement64, before == Mnemonic.Prefetcht0);
            before = instruction.Mnemonic;
        }
    }
}
