using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Kernels.Attention;

namespace LocalInference.Onnx.Tests.Kernels.Attention;

public unsafe class KvPoolTests
{
    [Theory]
    [InlineData(2, 3, 64, 2, 64, KvType.Float32)]
    [InlineData(1, 5, 16, 3, 24, KvType.Float32)]
    [InlineData(2, 3, 64, 2, 64, KvType.Bfloat16)]
    [InlineData(1, 5, 16, 3, 24, KvType.Bfloat16)]
    [InlineData(1, 5, 16, 3, 24, KvType.Int16)]
    [InlineData(2, 3, 64, 2, 64, KvType.Int8)]
    [InlineData(1, 5, 16, 3, 24, KvType.Int8)]
    public void Memory_EveryKeyAndValue_HasAPlaceOfItsOwn(int layers, int blocks, int blockTokens, int kvHeads, int size, KvType type)
    {
        using var pool = new KvPool(new AttentionShape(kvHeads, kvHeads, size), layers, blocks, blockTokens, maxStepTokens: 8, type);
        AttentionMemory* memory = pool.Memory;
        byte* expected = memory->Cache;
        int bytes = type switch { KvType.Float32 => 4, KvType.Bfloat16 or KvType.Int16 => 2, _ => 1 };
        for (int layer = 0; layer < layers; layer++)
            for (int block = 0; block < blocks; block++)
                for (int head = 0; head < kvHeads; head++)
                {
                    Assert.True(memory->Keys(layer, block, head) == expected);
                    Assert.Equal(0, (nint)expected % 64);
                    expected += size * blockTokens * bytes;
                    Assert.True(memory->Values(layer, block, head) == expected);
                    expected += memory->PaddedHeadSize * blockTokens * bytes;
                    Assert.True(memory->KeyScales(layer, block, head) == expected);
                    expected += type is KvType.Int8 or KvType.Int16 ? 2 * 4 * blockTokens : 0;
                }
        Assert.Equal(pool.Layout.BytesPerBlock * blocks, expected - memory->Cache);
        Assert.Equal(0, memory->PaddedHeadSize % 16);
    }

    [Fact]
    public void Ctor_MoreThanThereIs_SaysHowMuchAndWhatToDo()
    {
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => new KvPool(new AttentionShape(8, 8, 128), 1000, int.MaxValue, 256, 8));
        Assert.Contains("Set KvCacheBytes lower.", failure.Message);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(64, 64)]
    [InlineData(80, 16)]
    [InlineData(96, 48)]
    [InlineData(128, 64)]
    [InlineData(256, 64)]
    public void UnitTokens_OfABlock_AreAWholePartOfAtMost64(int blockTokens, int expected)
    {
        using var pool = new KvPool(new AttentionShape(1, 1, 8), 1, 1, blockTokens, 1);
        Assert.Equal(expected, pool.Memory->UnitTokens);
    }

    [Theory]
    [InlineData(1, 64, 16)]
    [InlineData(8, 128, 16)]
    [InlineData(16, 256, 4)]
    [InlineData(128, 128, 1)]
    public void TileQueries_LargeGroups_TakeFewerQueries(int group, int size, int expected) =>
        Assert.Equal(expected, PagedAttention.TileQueries(group, size));
}
