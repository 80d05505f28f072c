using LocalInference.Bench.Step;
using LocalInference.Onnx.Kernels;

namespace LocalInference.Bench.Tests.Step;

public sealed class CacheTypesTests
{
    [Fact]
    public void TryParse_Names_MeanTypesAndNameTheEngines()
    {
        Assert.True(CacheTypes.TryParse("int16,int8", out CacheTypes? found, out _));
        Assert.Equal([KvType.Int16, KvType.Int8], found.Types);
        Assert.Equal(
            [new EngineChoice("own-int16") { CacheType = KvType.Int16 }, new EngineChoice("own-int8") { CacheType = KvType.Int8 }], found.Engines);
    }

    [Fact]
    public void Names_OfAllTypes_AreKnown()
    {
        Assert.True(CacheTypes.TryParse(string.Join(',', CacheTypes.Names), out CacheTypes? all, out _));
        Assert.Equal(Enum.GetValues<KvType>(), all.Types);
    }

    [Theory]
    [InlineData("int4", "'int4' is no type of cache; allowed are float32, bfloat16, int16, int8.")]
    [InlineData("2", "'2' is no type of cache; allowed are float32, bfloat16, int16, int8.")]
    [InlineData("int8,int8", "'int8' is named twice.")]
    public void TryParse_AnotherName_SaysWhatIsAllowed(string text, string expected)
    {
        Assert.False(CacheTypes.TryParse(text, out _, out string? fault));
        Assert.Equal(expected, fault);
    }
}
