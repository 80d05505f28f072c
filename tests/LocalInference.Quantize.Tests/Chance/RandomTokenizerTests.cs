using LocalInference.Quantize.Chance;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Text.Tokenization;

namespace LocalInference.Quantize.Tests.Chance;

public sealed class RandomTokenizerTests
{
    [Fact]
    public void Write_Tokenizer_SpellsBytesAndMarkersAndNothingAbove()
    {
        using var folder = new TemporaryFolder();
        RandomTokenizer.Write(folder.Output("tokenizer"), 4096);
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(folder.In("tokenizer"));
        var ids = new TokenBuffer();
        tokenizer.Encode("é ß<｜User｜>", addedTokens: true, ids);
        Assert.Equal([0xC3, 0xA9, 0x20, 0xC3, 0x9F, 257], ids.ToArray());
        Assert.Equal("é ß<｜User｜>", tokenizer.Decode(ids.Ids, skipSpecial: false));
        Assert.Equal("", tokenizer.Decode([5000, 150000], skipSpecial: false));
        Assert.True(tokenizer.TryGetId("<｜begin▁of▁sentence｜>", out int begin));
        Assert.Equal(RandomTokenizer.Begin, begin);
    }
}
