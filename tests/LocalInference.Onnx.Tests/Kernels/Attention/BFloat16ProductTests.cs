using CsCheck;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

/// <summary>Rows of bfloat16, and assembled products of them.</summary>
public unsafe class BFloat16ProductTests
{
    [Fact]
    public void Write_AnyRow_RoundsToTheNearestEvenAndKeepsWhatIsNoNumber() => Gen.Select(Gen.Int[1, 70], Gen.Int).Sample((count, seed) =>
    {
        var random = new Random(seed);
        float[] row = [.. Enumerable.Range(0, count).Select(i => i % 9 == 5 ? Special(random) : (random.NextSingle() - 0.5f) * MathF.Exp(random.Next(-80, 80)))];
        ushort[] apart = new ushort[count];
        float[] inPlace = [.. row];
        fixed (float* from = row, both = inPlace)
        fixed (ushort* to = apart)
        {
            BFloat16Row.Write(from, count, to);
            BFloat16Row.Write(both, count, (ushort*)both);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(Nearest(row[i]), to[i]);
                Assert.Equal(to[i], ((ushort*)both)[i]);
            }
        }
    });

    [Fact]
    public void PairKernels_AnyShapes_EqualDoubles()
    {
        Assert.SkipUnless(KernelPaths.HasBFloat16Products, "This processor has no AVX512-BF16.");
        var memory = new AttentionMemory { Type = KvType.Bfloat16 };
        using PairKernels? kernels = PairKernels.TryMake(KernelPath.Avx512Vnni, KvType.Bfloat16);
        Assert.NotNull(kernels);
        memory.PairKernels = kernels.Table;
        AttentionMemory* shared = &memory;
        Gen.Select(Gen.Int[1, 14], Gen.Int[1, 70], Gen.Int[1, 9], Gen.Bool, Gen.Int).Sample(
            (rows, depth, columns, carries, seed) =>
            {
                var random = new Random(seed);
                int width = 16 * columns;
                ushort[] a = Values(random, rows * depth * 2), b = Values(random, depth * width * 2);
                float[] carry = [.. Values(random, rows).Select(Single)], c = [.. Values(random, rows * width).Select(Single)], result = [.. c];
                fixed (ushort* pa = a, pb = b)
                fixed (float* pc = result, pf = carry)
                    PairKernels.Run(
                        shared, new Rows((float*)pa, depth), new Rows((float*)pb, width), new Rows(pc, width), rows, depth, width, null, carries ? pf : null);
                for (int row = 0; row < rows; row++)
                    for (int column = 0; column < width; column++)
                    {
                        double expected = carries ? (double)c[(row * width) + column] * carry[row] : 0;
                        for (int k = 0; k < 2 * depth; k++)
                            expected += (double)Single(a[(row * depth * 2) + k]) * Single(b[(((k / 2 * width) + column) * 2) + (k % 2)]);
                        Assert.Equal(expected, result[(row * width) + column], 1e-5);
                    }
            },
            threads: 1);
    }

    private static ushort[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => Nearest(random.NextSingle() - 0.5f))];

    private static float Single(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>Ties, and the edges of what is a number.</summary>
    private static float Special(Random random) => random.Next(6) switch
    {
        0 => float.NaN,
        1 => float.NegativeInfinity,
        2 => float.MaxValue,
        3 => BitConverter.UInt32BitsToSingle(0x7FFFFFFF),
        4 => 1 + (random.Next(1, 8) / 256f),
        _ => -0f,
    };

    /// <summary>By comparing both neighbours.</summary>
    private static ushort Nearest(float value)
    {
        if (float.IsNaN(value))
            return 0x7FC0;
        ushort below = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16), above = (ushort)(below + 1);
        if (float.IsInfinity(value))
            return below;
        double to = Math.Abs((double)value - Single(below)), from = Math.Abs(Beyond(above) - value);
        return to < from || (to == from && below % 2 == 0) ? below : above;
    }

    // What follows the largest number is infinity, which lies where the next number would.
    private static double Beyond(ushort value) =>
        float.IsInfinity(Single(value)) ? Math.CopySign(Math.Pow(2, 128), Single(value)) : Single(value);
}
