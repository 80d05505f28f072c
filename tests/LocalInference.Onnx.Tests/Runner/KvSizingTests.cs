using LocalInference.Core.Execution;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;
using LocalInference.Onnx.Runner;

namespace LocalInference.Onnx.Tests.Runner;

public class KvSizingTests
{
    // 2 layers, 2 key heads of 64: 2 x 2 x 2 x 64 x 4 = 2,048 bytes a token; a context of 1,024 tokens is 16 blocks, 2 MiB.
    private static readonly KvLayout Layout = KvPool.LayoutOf(new AttentionShape(4, 2, 64), layerCount: 2, blockTokens: 64);

    [Fact]
    public void Layout_KeyAndValue_CountAllHeads()
    {
        Assert.Equal(2048, Layout.BytesPerToken);
        Assert.Equal(131072, Layout.BytesPerBlock);
        // Values are stored in whole vectors of 16.
        Assert.Equal(2 * (24 + 32) * 4, KvPool.LayoutOf(new AttentionShape(4, 2, 24), 1, 16).BytesPerToken);
        Assert.Equal(2 * (24 + 32) * 2, KvPool.LayoutOf(new AttentionShape(4, 2, 24), 1, 16, KvType.Bfloat16).BytesPerToken);
        // One scale for each key and each value of a head.
        Assert.Equal(2 * (24 + 4 + 32 + 4), KvPool.LayoutOf(new AttentionShape(4, 2, 24), 1, 16, KvType.Int8).BytesPerToken);
    }

    [Theory]
    [InlineData(null, 1L << 40, 32 * 16)]
    [InlineData(null, 16L << 20, 128)]
    [InlineData(null, 1L << 20, 16)]
    [InlineData(2L << 20, 1L << 40, 16)]
    [InlineData((5L << 20) + 1, 1L << 40, 40)]
    public void BlockCount_GivenOrAutomatic_FollowsTheRule(long? given, long room, int expected) =>
        Assert.Equal(expected, KvSizing.BlockCount(Layout, 1024, new RunnerOptions { KvCacheBytes = given }, room));

    [Fact]
    public void BlockCount_LessThanOneContext_SaysHowMuchIsNeeded()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => KvSizing.BlockCount(Layout, 1024, new RunnerOptions { KvCacheBytes = 2_097_151 }, 1L << 40));
        Assert.Equal(
            "KvCacheBytes is 2097151, but one full context of 1024 tokens takes 2097152 bytes. "
            + "Give at least 2097152, or serve a model folder with a smaller context_length.",
            refusal.Message);
    }
}
