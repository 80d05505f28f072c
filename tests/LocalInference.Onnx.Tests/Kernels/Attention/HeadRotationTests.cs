using System.Runtime.Intrinsics;
using CsCheck;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

public unsafe class HeadRotationTests
{
    [Fact]
    public void Apply_AnySizeWithAndWithoutNormAndRotation_EqualsDoubles() =>
        Gen.Select(Gen.Int[1, 20], Gen.Bool, Gen.Bool, Gen.Int[0, 3], Gen.Int).Sample((eighths, norms, rotates, position, seed) =>
        {
            Check<Vector512<float>, Lanes512>(eighths * 8, norms, rotates, position, seed);
            Check<Vector256<float>, Lanes256>(eighths * 8, norms, rotates, position, seed);
            Check<Vector128<float>, Lanes128>(eighths * 8, norms, rotates, position, seed);
        });

    private static void Check<TVector, TLanes>(int size, bool norms, bool rotates, int position, int seed)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        var random = new Random(seed);
        float[] x = Values(size), weights = Values(size), cos = Values(4 * size / 2), sin = Values(4 * size / 2), y = new float[size];
        const float Factor = 0.3f;
        fixed (float* from = x, norm = weights, c = cos, s = sin, to = y)
        {
            var node = new AttentionNode { HeadSize = size, NormEpsilon = 1e-6f, Cos = rotates ? c : null, Sin = rotates ? s : null };
            HeadRotation<TVector, TLanes>.Apply(&node, from, norms ? norm : null, position, Factor, to);
        }
        double[] expected = [.. x.Select(v => (double)v)];
        if (norms)
        {
            double scale = 1 / Math.Sqrt((x.Sum(v => (double)v * v) / size) + 1e-6);
            expected = [.. expected.Select((v, i) => v * scale * weights[i])];
        }
        int half = size / 2;
        for (int i = 0; rotates && i < half; i++)
        {
            (double a, double b, double co, double si) = (expected[i], expected[half + i], cos[(position * half) + i], sin[(position * half) + i]);
            (expected[i], expected[half + i]) = ((a * co) - (b * si), (b * co) + (a * si));
        }
        for (int i = 0; i < size; i++)
            Assert.Equal(expected[i] * Factor, y[i], 1e-6);

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
