using CsCheck;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

public class KvCellsTests
{
    [Theory]
    [InlineData(KvType.Float32, 0)]
    [InlineData(KvType.Bfloat16, 1.0 / 256)]
    [InlineData(KvType.Int16, 1.0 / 8_100)]
    [InlineData(KvType.Int8, 1.0 / 253)]
    public void Put_AnyElements_AreReadBackWithinTheTypesError(KvType type, double error) =>
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var random = new Random(seed);
                var shape = new AttentionShape(2, 2, 8 * random.Next(1, 5));
                using var pool = new KvPool(shape, layerCount: 1, blockCount: 2, blockTokens: 16 * random.Next(1, 3), maxStepTokens: 1, type);
                int length = 2 * pool.Layout.BlockTokens * 2 * shape.HeadSize;
                float[] keys = Values(random, length), values = Values(random, length);
                PoolContents.Import(pool, keys, values);
                (float[] readKeys, float[] readValues) = PoolContents.Export(pool);
                Check(keys, readKeys, shape.HeadSize, type, error, isMixed: type == KvType.Int8);
                Check(values, readValues, shape.HeadSize, type, error, isMixed: false);
            },
            iter: 30,
            threads: 1);

    [Fact]
    public void Put_BFloat16_RoundsToEvenAndKeepsWhatIsNoNumber()
    {
        using var pool = new KvPool(new AttentionShape(1, 1, 8), 1, 1, 16, 1, KvType.Bfloat16);
        float[] keys = new float[16 * 8];
        // 1 + 2⁻⁸ lies between 1 and 1 + 2⁻⁷; 1 + 3 × 2⁻⁸ between 1 + 2⁻⁷ and 1 + 2⁻⁶.
        float[] from = [1 + (1f / 256), 1 + (3f / 256), -1 - (1f / 256), float.NaN, float.PositiveInfinity, float.MaxValue, 0, -0f];
        from.CopyTo(keys, 0);
        PoolContents.Import(pool, keys, new float[16 * 8]);
        float[] read = PoolContents.Export(pool).Keys;
        Assert.Equal([1, 1 + (1f / 64), -1, float.NaN, float.PositiveInfinity, float.PositiveInfinity, 0, -0f], read[..8]);
    }

    private static void Check(float[] expected, float[] actual, int size, KvType type, double error, bool isMixed)
    {
        for (int head = 0; head < expected.Length; head += size)
        {
            double[] elements = [.. expected.AsSpan(head, size).ToArray().Select(e => (double)Math.Abs(e))];
            // A mixed head's largest element is at most the sum of all.
            double largest = isMixed ? elements.Sum() : elements.Max();
            for (int i = head; i < head + size; i++)
            {
                double allowed = error * (type is KvType.Int8 or KvType.Int16 ? largest : elements[i - head]);
                Assert.True(Math.Abs((double)expected[i] - actual[i]) <= allowed, $"{expected[i]} is read as {actual[i]}");
            }
        }
    }

    /// <summary>Some of them zero, whole heads too.</summary>
    private static float[] Values(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => i % 5 == 0 || i / 8 % 7 == 0 ? 0 : (random.NextSingle() - 0.5f) * MathF.Exp(random.Next(-8, 8)))];
}
