using System.Runtime.Intrinsics;
using CsCheck;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Onnx.Tests.Kernels;

public unsafe class PairProductTests
{
    /// <summary>Widening changes nothing: bit for bit the product of the same numbers in 32 bits, whatever the number of rows.</summary>
    [Fact]
    public void Run_AnyShapes_SameBitsAsTheProductOfWidenedRows() =>
        Gen.Select(Gen.Int[1, 14], Gen.Int[1, 70], Gen.Int[1, 6], Gen.Bool, Gen.Int[0, 1_000_000]).Sample((rows, depth, widths, carries, seed) =>
        {
            Check<Vector512<float>, Lanes512>(rows, depth, 16 * widths, carries, seed);
            Check<Vector256<float>, Lanes256>(rows, depth, 16 * widths, carries, seed);
            Check<Vector128<float>, Lanes128>(rows, depth, 16 * widths, carries, seed);
        });

    private static void Check<TVector, TLanes>(int rows, int depth, int width, bool carries, int seed)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        var random = new Random(seed);
        float[] a = Values(random, rows * depth), c = Values(random, rows * width), carry = Values(random, rows), wide = new float[depth * width];
        // The last lane's second half is nobody's where the depth is odd: it must not be read as a number.
        ushort[] packed = [.. Enumerable.Repeat((ushort)0x7FC0, (depth + 1) / 2 * width * 2)];
        for (int k = 0; k < depth; k++)
            for (int column = 0; column < width; column++)
            {
                ushort bits = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
                packed[(((k / 2 * width) + column) * 2) + (k % 2)] = bits;
                wide[(k * width) + column] = BitConverter.UInt32BitsToSingle((uint)bits << 16);
            }
        float[] expected = [.. c], actual = [.. c];
        fixed (float* pa = a, pw = wide, pe = expected, pc = actual, pf = carry)
        fixed (ushort* pp = packed)
        {
            SmallProduct<TVector, TLanes>.Run(new Rows(pa, depth), new Rows(pw, width), new Rows(pe, width), rows, depth, width, carries ? pf : null);
            PairProduct<TVector, TLanes, BFloat16Pairs<TVector, TLanes>>.Run(new Rows(pa, depth), new PackedRows((byte*)pp, width, 0), new Rows(pc, width), rows, depth, width, carries ? pf : null);
        }
        Assert.Equal(expected, actual);
    }

    private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
