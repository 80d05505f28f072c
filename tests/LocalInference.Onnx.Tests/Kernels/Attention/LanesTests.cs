using System.Runtime.Intrinsics;
using CsCheck;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

/// <summary>Every vector width against arithmetic in doubles; widths that the processor lacks run in software.</summary>
public unsafe class LanesTests
{
    [Fact]
    public void PowerOfTwo_AllWidths_AreExactToOneUnit()
    {
        CheckPower<Vector512<float>, Lanes512>();
        CheckPower<Vector256<float>, Lanes256>();
        CheckPower<Vector128<float>, Lanes128>();
    }

    [Fact]
    public void SmallProduct_AllWidthsAndShapes_EqualDoubles() => ProductShapes.Sample(s =>
    {
        CheckProduct<Vector512<float>, Lanes512>(s.Rows, s.Depth, s.Width * 16, s.Carries, s.Seed);
        CheckProduct<Vector256<float>, Lanes256>(s.Rows, s.Depth, s.Width * 16, s.Carries, s.Seed);
        CheckProduct<Vector128<float>, Lanes128>(s.Rows, s.Depth, s.Width * 16, s.Carries, s.Seed);
    });

    [Fact]
    public void UnitSoftmax_AllWidths_EqualDoubles() => Gen.Select(Gen.Int[1, 64], Gen.Int, Gen.Bool).Sample((valid, seed, first) =>
    {
        CheckSoftmax<Vector512<float>, Lanes512>(valid, seed, first);
        CheckSoftmax<Vector256<float>, Lanes256>(valid, seed, first);
        CheckSoftmax<Vector128<float>, Lanes128>(valid, seed, first);
    });

    private static readonly Gen<(int Rows, int Depth, int Width, bool Carries, int Seed)> ProductShapes =
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 40], Gen.Int[1, 9], Gen.Bool, Gen.Int);

    private static void CheckPower<TVector, TLanes>()
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* lanes = stackalloc float[16];
        float* results = stackalloc float[16];
        for (int step = 0; step <= 12600; step += TLanes.Width)
        {
            for (int i = 0; i < TLanes.Width; i++)
                lanes[i] = -(step + i) / 100f;
            TVector value = TLanes.Load(lanes);
            TLanes.Store(Exponential.PowerOfTwo<TVector, TLanes>(value), results);
            for (int i = 0; i < TLanes.Width; i++)
                if (lanes[i] >= -126)
                    Assert.InRange(results[i] / Math.Pow(2, lanes[i]), 1 - 2e-7, 1 + 2e-7);
        }
        TLanes.Store(Exponential.PowerOfTwo<TVector, TLanes>(TLanes.Broadcast(float.NegativeInfinity)), lanes);
        Assert.InRange(lanes[0], 0, 1.2e-38f);
        TLanes.Store(Exponential.PowerOfTwo<TVector, TLanes>(default), lanes);
        Assert.Equal(1f, lanes[0]);
    }

    private static void CheckProduct<TVector, TLanes>(int rows, int depth, int width, bool carries, int seed)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float[] a = Values(rows * depth, seed), b = Values(depth * width, seed + 1), c = Values(rows * width, seed + 2), carry = Values(rows, seed + 3);
        float[] result = [.. c];
        fixed (float* pa = a, pb = b, pc = result, pf = carry)
            SmallProduct<TVector, TLanes, FloatTerms<TVector, TLanes>>.Run(
                new Rows(pa, depth), new Rows(pb, width), new Rows(pc, width), rows, depth, width, null, carries ? pf : null);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < width; column++)
            {
                double expected = carries ? (double)c[(row * width) + column] * carry[row] : 0;
                for (int k = 0; k < depth; k++)
                    expected += (double)a[(row * depth) + k] * b[(k * width) + column];
                Assert.Equal(expected, result[(row * width) + column], 1e-5);
            }
    }

    private static void CheckSoftmax<TVector, TLanes>(int valid, int seed, bool first)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        const int Unit = 64, Count = 3;
        float[] raw = [.. Values(Count * Unit, seed).Select(v => v * 20)], weights = [.. raw];
        float[] keyScales = Values(Unit, seed + 1), valueScales = [.. Values(Unit, seed + 2).Select(MathF.Abs)];
        float[] maxima = [.. Enumerable.Repeat(first ? float.NegativeInfinity : 3, Count)], sums = [.. Enumerable.Repeat(first ? 0 : 2.5f, Count)];
        float[] carries = new float[16], largest = new float[Count];
        // Behind the last token lies what no token has written.
        foreach (float[] row in (float[][])[weights, keyScales, valueScales])
            for (int i = 0; i < row.Length; i++)
                if (i % Unit >= valid)
                    row[i] = float.NaN;
        fixed (float* p = weights, m = maxima, s = sums, c = carries, l = largest, k = keyScales, v = valueScales)
            UnitSoftmax<TVector, TLanes>.Apply(new SoftmaxRows(p, Unit, Count, m, s, c, l), valid, k, v);
        for (int row = 0; row < Count; row++)
        {
            double[] scores = [.. raw.Skip(row * Unit).Take(valid).Select((s, i) => (double)(s * keyScales[i]))];
            double before = first ? double.NegativeInfinity : 3, reached = Math.Max(before, scores.Max()), carry = Math.Pow(2, before - reached);
            double[] exact = [.. scores.Select(s => Math.Pow(2, s - reached))];
            Assert.Equal((float)reached, maxima[row]);
            Assert.Equal(carry, carries[row], 1e-6);
            Assert.Equal(((first ? 0 : 2.5) * carry) + exact.Sum(), sums[row], 1e-5);
            for (int i = 0; i < valid; i++)
                Assert.Equal(exact[i] * valueScales[i], weights[(row * Unit) + i], 1e-6);
            Assert.All(weights.Skip((row * Unit) + valid).Take(Unit - valid), w => Assert.Equal(0, w));
            Assert.Equal(weights.Skip(row * Unit).Take(valid).Max(), largest[row]);
        }
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
