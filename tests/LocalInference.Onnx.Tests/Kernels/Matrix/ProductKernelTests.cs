using System.Runtime.Intrinsics.X86;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Matrix;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Tests.Kernels.Matrix;

/// <summary>Every path that this machine has against the portable kernel, and that one against plain arithmetic: bit for bit.</summary>
public class ProductKernelTests(ITestOutputHelper output)
{
    private static readonly int[] BlockSizes = [16, 32, 64, 128, 256];

    [Theory]
    [InlineData(4, false)]
    [InlineData(4, true)]
    [InlineData(8, false)]
    [InlineData(8, true)]
    public void Portable_RandomShapes_EqualsPlainArithmetic(int bits, bool hasZeroPoints)
    {
        var random = new Random(1);
        foreach (int blockSize in BlockSizes)
        {
            int rows = random.Next(1, 20), outputs = random.Next(1, 70), columns = random.Next(1, 400);
            float[] input = Input(random, rows, columns);
            foreach (bool half in new[] { false, true })
            {
                var matrix = new RandomMatrix(random, outputs, columns, bits, blockSize, hasZeroPoints, halfScales: half);
                using var store = new WeightStore([new WeightPlan(matrix.Source)], mayRoundScales: false, threads: 2);
                Assert.Equal(Plain(matrix, input, rows), PackedProduct.Run(store, input, rows, KernelPath.Portable));
            }
        }
    }

    [Theory]
    [InlineData(KernelPath.Avx2, false)]
    [InlineData(KernelPath.AvxVnni, false)]
    [InlineData(KernelPath.AvxVnni, true)]
    [InlineData(KernelPath.Avx512, false)]
    [InlineData(KernelPath.Avx512Vnni, false)]
    public void Path_EveryFormatAndNumberOfRows_SameBitsAsPortable(KernelPath path, bool usesEvex)
    {
        bool runs = usesEvex ? KernelPaths.Supported.Contains(KernelPath.Avx512Vnni) && Avx512BW.VL.IsSupported : KernelPaths.Supported.Contains(path);
        Assert.SkipWhen(!runs, $"this processor has no {path}");
        var random = new Random(2);
        int compared = 0;
        foreach (int bits in new[] { 4, 8 })
            foreach (int blockSize in BlockSizes)
                foreach (bool hasZeroPoints in new[] { false, true })
                {
                    int outputs = random.Next(1, 70), columns = random.Next(1, 600);
                    var matrix = new RandomMatrix(random, outputs, columns, bits, blockSize, hasZeroPoints, halfScales: random.Next(2) == 0);
                    using var store = new WeightStore([new WeightPlan(matrix.Source)], mayRoundScales: false, threads: 2);
                    for (int rows = 1; rows <= RowGroups.MaxRows; rows++, compared++)
                    {
                        float[] input = Input(random, rows, columns);
                        Assert.Equal(PackedProduct.Run(store, input, rows, KernelPath.Portable), PackedProduct.Run(store, input, rows, path, usesEvex));
                    }
                }
        output.WriteLine($"{compared} kernels of {path}");
    }

    [Fact]
    public void Path_ExtremeActivationsAndCodes_DoesNotOverflow()
    {
        // All codes 15 or 255 with zero points of 0, all activations ±127: the largest sums there are.
        foreach (int bits in new[] { 4, 8 })
        {
            const int Outputs = 32, Columns = 256;
            var matrix = new MatrixSource(
                Bytes([.. Enumerable.Repeat((byte)255, Outputs * Columns * bits / 8)]), Bytes(new byte[Outputs * 8 * sizeof(float)]), false, Bytes(new byte[Outputs * bits]), null, Outputs, Columns, bits, 32);
            Span<float> scales = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(((byte[])[.. matrix.Scales.Bytes.Span]).AsSpan());
            scales.Fill(1);
            matrix = matrix with { Scales = Bytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(scales).ToArray()) };
            using var store = new WeightStore([new WeightPlan(matrix)], mayRoundScales: false, threads: 1);
            float[] input = [.. Enumerable.Range(0, 2 * Columns).Select(i => i < Columns ? 127f : -127f)];
            float expected = ((1 << bits) - 1) * 127f * Columns;
            foreach (KernelPath path in KernelPaths.Supported)
            {
                float[] result = PackedProduct.Run(store, input, 2, path);
                Assert.All(result[..Outputs], v => Assert.Equal(expected, v));
                Assert.All(result[Outputs..], v => Assert.Equal(-expected, v));
            }
        }
    }

    private static TensorSource Bytes(byte[] bytes) => new(null, 0, bytes.Length, bytes);

    private static float[] Input(Random random, int rows, int columns) =>
        [.. Enumerable.Range(0, rows * columns).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-2, 2)))];

    /// <summary>The definition, element by element.</summary>
    private static float[] Plain(RandomMatrix matrix, float[] input, int rows)
    {
        int columns = matrix.Source.Columns, outputs = matrix.Source.Rows, block = matrix.Source.BlockSize, slab = Math.Min(block, 32);
        var result = new float[rows * outputs];
        for (int row = 0; row < rows; row++)
        {
            float[] values = input[(row * columns)..((row + 1) * columns)];
            for (int from = 0; from < columns; from += slab)
            {
                float max = values[(from / block * block)..Math.Min(columns, (from / block * block) + block)].Max(MathF.Abs), inverse = max > 0 ? 127 / max : 0;
                for (int o = 0; o < outputs; o++)
                {
                    int sum = 0;
                    for (int k = from; k < Math.Min(columns, from + slab); k++)
                        sum += (int)MathF.Round(values[k] * inverse) * matrix.Level(o, k);
                    ref float total = ref result[(row * outputs) + o];
                    total = MathF.FusedMultiplyAdd(sum, matrix.Scale(o, from) * (max / 127), total);
                }
            }
        }
        return result;
    }
}
