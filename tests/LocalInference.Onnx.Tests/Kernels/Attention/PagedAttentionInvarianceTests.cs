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
        Gen.Int[0, 1_000_000].Sample(
            seed =>
            {
                var attention = new RandomAttention(seed, type);
                float[][] alone = attention.Compute(seed + 1, alone: true), mixed = attention.Compute(seed + 2, alone: false);
                for (int s = 0; s < alone.Length; s++)
                    for (int i = 0; i < alone[s].Length; i++)
                        Assert.True(
                            BitConverter.SingleToInt32Bits(alone[s][i]) == BitConverter.SingleToInt32Bits(mixed[s][i]) && !float.IsNaN(alone[s][i]),
                            $"seed {seed}: {attention}: sequence {s}, position {i / attention.QueryWidth}: {alone[s][i]:r} alone, {mixed[s][i]:r} in company");
            },
            iter: 40,
            threads: 1);
}
