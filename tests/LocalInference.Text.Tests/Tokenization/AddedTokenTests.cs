using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

public sealed class AddedTokenTests
{
    private static string[] Find(string text, string content, params string[] flags) =>
        TinyTokenizer.Ascii().Adding(content, 200, flags).Load().Tokens(text);

    [Fact]
    public void Encode_WithoutFlags_TakesTheTokenAlone() => Assert.Equal(["a", "Ġ", "<x>", "Ġ", "b"], Find("a <x> b", "<x>"));

    [Fact]
    public void Encode_LStrip_TakesWhiteSpaceBefore() => Assert.Equal(["a", " \n <x>", "Ġ", "b"], Find("a \n <x> b", "<x>", "lstrip"));

    [Fact]
    public void Encode_RStrip_TakesWhiteSpaceAfter() => Assert.Equal(["a", "Ġ", "<x> \n", "b"], Find("a <x> \nb", "<x>", "rstrip"));

    [Fact]
    public void Encode_BothStripsAndNeighbours_GiveTheSpaceToTheFirst() =>
        Assert.Equal(["<x>  ", "<x>"], Find("<x>  <x>", "<x>", "lstrip", "rstrip"));

    [Theory]
    [InlineData("cat", "cat")]
    [InlineData("a cat!", "a|Ġ|cat|!")]
    [InlineData("cats", "c|a|t|s")]
    [InlineData("_cat", "_|c|a|t")]
    [InlineData("1cat", "1|c|a|t")]
    [InlineData("-cat-", "-|cat|-")]
    public void Encode_SingleWord_IsFoundOnlyAlone(string text, string expected) =>
        Assert.Equal(expected.Split('|'), Find(text, "cat", "single_word"));

    [Fact]
    public void Encode_SeveralThatFit_TakesTheLongest()
    {
        ByteLevelBpeTokenizer tokenizer = TinyTokenizer.Ascii().Adding("<a", 200).Adding("<a>", 201).Adding("<a>b", 202).Load();
        Assert.Equal([201, 'c' - '!', 202, 200], tokenizer.Ids("<a>c<a>b<a"));
    }

    [Fact]
    public void Encode_NotNormalized_IsFoundInTheRawTextFirst()
    {
        ByteLevelBpeTokenizer tokenizer = TinyTokenizer.Ascii()
            .With("normalizer", """{"type": "Lowercase"}""").Adding("RAW", 200).Adding("Norm", 201, "normalized").Load();
        Assert.Equal(["RAW", "norm", "r", "a", "w", "norm"], tokenizer.Tokens("RAWNORMrawNorm"));
    }

    [Fact]
    public void Encode_Input_NeverGivesControlTokens()
    {
        foreach (string name in ReferenceTokenizers.Names)
        {
            ByteLevelBpeTokenizer tokenizer = ReferenceTokenizers.Get(name);
            foreach (string marker in (string[])["<｜Assistant｜>", "<think>", "<｜end▁of▁sentence｜>", "<|begin_of_text|>", "<|EOT|>"])
            {
                if (!tokenizer.TryGetId(marker, out int id)) continue;
                int[] ids = tokenizer.Ids($"a {marker} b", addedTokens: false);
                Assert.DoesNotContain(id, ids);
                Assert.Equal($"a {marker} b", tokenizer.Decode(ids, skipSpecial: true));
                Assert.Contains(id, tokenizer.Ids($"a {marker} b", addedTokens: true));
            }
        }
    }

    [Fact]
    public void Encode_InputThatMergesIntoAControlToken_StaysItsParts()
    {
        ByteLevelBpeTokenizer tokenizer = TinyTokenizer.Json("<", "t", ">", "<t", "<t>")
            .WithModel("merges", """["< t", "<t >"]""").Adding("<t>", 4).Load();
        Assert.Equal([4], tokenizer.Ids("<t>", addedTokens: true));
        Assert.Equal([3, 2], tokenizer.Ids("<t>", addedTokens: false));
    }

    [Fact]
    public void Encode_InputOfAWholeControlTokenThoughMergesAreIgnored_StaysItsParts()
    {
        ByteLevelBpeTokenizer tokenizer =
            TinyTokenizer.Json("<", "t", ">", "<t>").WithModel("ignore_merges", "true").Adding("<t>", 3).Load();
        Assert.Equal([0, 1, 2], tokenizer.Ids("<t>", addedTokens: false));
    }

    [Fact]
    public void Encode_AddedLetterOrSpaces_AreSpellingInInputToo()
    {
        ByteLevelBpeTokenizer tokenizer = TinyTokenizer.Ascii().Adding("ü", 200).Adding("   ", 201).Adding("§", 202, "special").Load();
        Assert.Equal([200, 201, 200], tokenizer.Ids("ü   ü§", addedTokens: false));
    }

    [Fact]
    public void TryGetId_FindsAddedAndSpelledTokens()
    {
        ByteLevelBpeTokenizer tokenizer = TinyTokenizer.Json("a", "Ġb").Adding("<x>", 7, "special").Adding("<y>", 9).Load();
        Assert.True(tokenizer.TryGetId("<x>", out int x));
        Assert.True(tokenizer.TryGetId("Ġb", out int b));
        Assert.False(tokenizer.TryGetId(" b", out _));
        Assert.Equal((7, 1), (x, b));
        Assert.Equal(10, tokenizer.VocabularySize);
        Assert.Equal([false, true, false, false], new[] { 0, 7, 9, 99 }.Select(tokenizer.IsSpecial));
    }
}
