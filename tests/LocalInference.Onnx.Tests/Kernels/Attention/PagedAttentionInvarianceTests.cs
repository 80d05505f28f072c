using CsCheck;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

public class PagedAttentionInvarianceTests
{
    /// <summary>Unused cache slots hold NaN, so that reading one shows at once.</summary>
    [Theory]
    [InlineData(KvType.Float32)]
    [InlineData(KvType.Bfloat16)]
    [InlineData(KvType.Int16)]
    [InlineData(KvType.Int8)]
    public void Attention_AnyBatchChunkingPastAndBlocks_SameBitsAsAlone(KvType type) =>
        Gen.Int[0, 1_000_000].Sample(seed => AssertSameBits(seed, new RandomAttention(seed, type)), iter: 40, threads: 1);

    /// <summary>Contexts of several spans, whose borders lie within tiles of queries.</summary>
    [Theory]
    [InlineData(KvType.Float32)]
    [InlineData(KvType.Int16)]
    public void Attention_LongContexts_SameBitsAsAlone(KvType type) =>
        Gen.Int[0, 1_000_000].Sample(
            seed => AssertSameBits(seed, new RandomAttention(seed, type, [1100 + (seed % 16), 530 + (seed % 7)]), mostAtOnce: 200), iter: 4, threads: 1);

    /// <summary>Products of integers are exact, so assembled ones give what those in C# give.</summary>
    [Theory]
    [InlineData(KvType.Int16)]
    [InlineData(KvType.Int8)]
    public void Attention_IntegerCache_SameBitsByEveryPath(KvType type)
    {
        Assert.SkipUnless(KernelPaths.Supported.Contains(KernelPath.Avx512Vnni), "This processor has no AVX512-VNNI: attention has one path.");
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var attention = new RandomAttention(seed, type);
                AssertSameBits(
                    seed, attention, attention.Compute(seed, alone: false, path: KernelPath.Portable), attention.Compute(seed, alone: false), "assembled");
            },
            iter: 20,
            threads: 1);
    }

    private static void AssertSameBits(int seed, RandomAttention attention, int mostAtOnce = 40) => AssertSameBits(
        seed, attention, attention.Compute(seed + 1, alone: true), attention.Compute(seed + 2, alone: false, mostAtOnce), "in company");

    private static void AssertSameBits(int seed, RandomAttention attention, float[][] alone, float[][] mixed, string how)
    {
        for (int s = 0; s < alone.Length; s++)
            for (int i = 0; i < alone[s].Length; i++)
                Assert.True(
                    BitConverter.SingleToInt32Bits(alone[s][i]) == BitConverter.SingleToInt32Bits(mixed[s][i]) && !float.IsNaN(alone[s][i]),
                    $"seed {seed}: {attention}: sequence {s}, position {i / attention.QueryWidth}: {alone[s][i]:r}, {mixed[s][i]:r} {how}");
    }
}
