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

    // 12 rows: asked for on every processor. 16 and 32 are blocks of one slab.
    [Theory]
    [InlineData(4, 16, KernelPath.Avx2)]
    [InlineData(4, 32, KernelPath.Avx2)]
    [InlineData(8, 32, KernelPath.AvxVnni)]
    [InlineData(4, 16, KernelPath.Avx512Vnni)]
    [InlineData(4, 32, KernelPath.Avx512Vnni)]
    [InlineData(8, 32, KernelPath.Avx512)]
    public void Assemble_BlockOfOneSlab_FetchesEachLineOnceBetweenProducts(int bits, int blockSize, KernelPath path)
    {
        var format = new WeightFormat(bits, blockSize, HasZeroPoints: true, HasHalfScales: true);
        var decoder = Iced.Intel.Decoder.Create(64, ProductKernel.Assemble(format, 12, path));
        List<long> lines = [];
        int together = 0, mostTogether = 0, slabLine = 0;
        Instruction instruction;
        do
        {
            decoder.Decode(out instruction);
            if (instruction.Mnemonic == Mnemonic.Prefetcht0)
            {
                lines.Add(unchecked((long)instruction.MemoryDisplacement64));
                // Those of the block's header come together; the slab's count from its first code line again.
                if (lines.Count > format.HeaderBytes / WeightFormat.LineBytes)
                    (mostTogether, slabLine) = (Math.Max(mostTogether, ++together), slabLine + 1);
            }
            else
            {
                together = 0;
            }
        }
        while (instruction.Mnemonic != Mnemonic.Ret);
        Assert.Equal(format.HeaderBytes / WeightFormat.LineBytes, lines.Count - slabLine);
        Assert.Equal(Enumerable.Range(0, format.SlabCodeBytes / WeightFormat.LineBytes).Select(i => lines[0] + (i * WeightFormat.LineBytes)), lines.TakeLast(slabLine));
        Assert.Equal(1, mostTogether);
    }
}
