using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Onnx.Tests.Kernels;

public unsafe class KvPoolTests
{
    [Theory]
    [InlineData(2, 3, 64, 2, 64)]
    [InlineData(1, 5, 16, 3, 24)]
    public void Memory_EveryKeyAndValue_HasAPlaceOfItsOwn(int layers, int blocks, int blockTokens, int kvHeads, int size)
    {
        using var pool = new KvPool(new AttentionShape(kvHeads, kvHeads, size), layers, blocks, blockTokens, maxStepTokens: 8);
        AttentionMemory* memory = pool.Memory;
        float* expected = memory->Cache;
        for (int layer = 0; layer < layers; layer++)
            for (int block = 0; block < blocks; block++)
                for (int head = 0; head < kvHeads; head++)
                {
                    Assert.True(memory->Keys(layer, block, head) == expected);
                    expected += size * blockTokens;
                    Assert.True(memory->Values(layer, block, head) == expected);
                    expected += memory->PaddedHeadSize * blockTokens;
                }
        Assert.Equal(pool.Layout.BytesPerBlock * blocks, (byte*)expected - (byte*)memory->Cache);
        Assert.Equal(0, (nint)memory->Cache % 64);
        Assert.Equal(0, memory->PaddedHeadSize % 16);
    }

    [Fact]
    public void Ctor_MoreThanThereIs_SaysHowMuchAndWhatToDo()
    {
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => new KvPool(new AttentionShape(8, 8, 128), 1000, int.MaxValue, 256, 8));
        Assert.Contains("Set KvCacheBytes lower.", failure.Message);
    }

    [Theory]
    [InlineData(1, 64, 16)]
    [InlineData(8, 128, 16)]
    [InlineData(16, 256, 4)]
    [InlineData(128, 128, 1)]
    public void TileQueries_LargeGroups_TakeFewerQueries(int group, int size, int expected) =>
        Assert.Equal(expected, PagedAttention.TileQueries(group, size));
}
