using CsCheck;
using LocalInference.Onnx.Kernels.Attention;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

public unsafe class HadamardTransformTests
{
    private static readonly Gen<int> Sizes = Gen.Int[1, 32].Select(n => 8 * n);

    [Theory]
    [InlineData(24, 8)]
    [InlineData(64, 64)]
    [InlineData(80, 16)]
    [InlineData(96, 32)]
    [InlineData(128, 128)]
    [InlineData(192, 64)]
    public void BlockOf_AHead_IsTheLargestPowerOfTwoThatDividesIt(int size, int block) => Assert.Equal(block, HadamardTransform.BlockOf(size));

    [Fact]
    public void Apply_AnyHead_IsTheMatrixOfEachBlock() => Gen.Select(Sizes, Gen.Int).Sample((size, seed) =>
    {
        float[] head = Values(seed, size), mixed = Apply(head);
        int block = HadamardTransform.BlockOf(size);
        for (int i = 0; i < size; i++)
        {
            // Sylvester's matrix: the sign is the parity of the bits that row and column have in common.
            double expected = Enumerable.Range(0, block).Sum(j =>
                int.PopCount(i % block & j) % 2 == 0 ? head[(i / block * block) + j] : -(double)head[(i / block * block) + j]);
            Assert.Equal(expected, mixed[i], 1e-5 * block);
        }
    });

    [Fact]
    public void Apply_KeyAndQuery_GivesTheSameScoreSoManyTimes() => Gen.Select(Sizes, Gen.Int).Sample((size, seed) =>
    {
        float[] key = Values(seed, size), query = Values(seed + 1, size);
        Assert.Equal(Dot(key, query) * HadamardTransform.BlockOf(size), Dot(Apply(key), Apply(query)), 1e-5 * size * HadamardTransform.BlockOf(size));
    });

    /// <summary>A key as Qwen's are, a few elements large in every token: what a score loses to 8 bits.</summary>
    [Fact]
    public void Apply_KeyWithOutliers_MakesBytesExactEnough()
    {
        const int Size = 128;
        double plain = 0, mixed = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            float[] key = Values(seed, Size), query = Values(seed + 1000, Size);
            foreach (int outlier in (int[])[5, 40, 69, 104])
                key[outlier] += 30;
            plain += Math.Pow(Dot(Rounded(key), query) - Dot(key, query), 2);
            mixed += Math.Pow((Dot(Rounded(Apply(key)), Apply(query)) / Size) - Dot(key, query), 2);
        }
        Assert.InRange(Math.Sqrt(plain / mixed), 2, 20);
    }

    private static double Dot(float[] left, float[] right) => left.Zip(right).Sum(p => (double)p.First * p.Second);

    private static float[] Apply(float[] head)
    {
        float[] mixed = [.. head];
        fixed (float* elements = mixed)
            HadamardTransform.Apply(elements, mixed.Length);
        return mixed;
    }

    private static float[] Rounded(float[] key)
    {
        float step = key.Max(MathF.Abs) / sbyte.MaxValue;
        return [.. key.Select(k => MathF.Round(k / step) * step)];
    }

    private static float[] Values(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
