using System.Text.Json.Nodes;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>Vocabularies that are spelled in text instead of bytes, as tokenizer.json files made from SentencePiece are.</summary>
public sealed class ByteFallbackTests
{
    private static JsonObject Json(bool byteFallback = true, bool fuseUnknown = false) =>
        TinyTokenizer.Json(["<unk>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "a", "b", "▁a", "é"])
            .With("normalizer", """{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}""")
            .With("pre_tokenizer", "null")
            .With("decoder", """
                {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
                 {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
                """)
            .WithModel("merges", """[["▁", "a"]]""").WithModel("unk_token", "\"<unk>\"")
            .WithModel("byte_fallback", byteFallback ? "true" : "false").WithModel("fuse_unk", fuseUnknown ? "true" : "false");

    [Fact]
    public void Encode_UnknownCharacters_BecomeTheirBytes() =>
        Assert.Equal(["▁a", "é", "<0xF0>", "<0x9F>", "<0xA6>", "<0x99>", "b", "▁", "b"], Json().Load().Tokens("aé🦙b b"));

    [Fact]
    public void Encode_WithoutFallback_BecomeUnknown() =>
        Assert.Equal(["▁a", "<unk>", "<unk>", "b"], Json(byteFallback: false).Load().Tokens("a🦙xb"));

    [Fact]
    public void Encode_FusingUnknown_MakesOneOfNeighbours() =>
        Assert.Equal(["▁a", "<unk>", "b", "<unk>"], Json(byteFallback: false, fuseUnknown: true).Load().Tokens("a🦙xb?"));

    [Theory]
    [InlineData("aé🦙b  b")]
    [InlineData(" a")]
    [InlineData("你好\uFFFD")]
    public void Decode_EncodedText_ComesBack(string text)
    {
        ByteLevelBpeTokenizer tokenizer = Json().Load();
        int[] ids = tokenizer.Ids(text);
        Assert.Equal(text, tokenizer.Decode(ids, skipSpecial: false));
        var detokenizer = new Detokenizer(tokenizer);
        string parts = string.Concat(ids.Select(id => detokenizer.Append(id).ToString()));
        Assert.Equal(text, parts + detokenizer.Flush().ToString());
    }

    [Fact]
    public void EncodeToTokens_ByteTokens_HaveTheirPiecesPlace()
    {
        ByteLevelBpeTokenizer tokenizer = Json().Load();
        IReadOnlyList<Microsoft.ML.Tokenizers.EncodedToken> tokens = tokenizer.EncodeToTokens("x", out string? normalized);
        Assert.Equal("▁x", normalized);
        Assert.All(tokens, token => Assert.Equal(0..2, token.Offset));
    }

    [Fact]
    public void Encode_ByteLevelWithoutATokenForAByte_LeavesItOut() => Assert.Equal([0, 0], TinyTokenizer.Json("a").Load().Ids("aba"));

    [Fact]
    public void Encode_ByteLevelWithUnknownToken_WritesIt() =>
        Assert.Equal([0, 1, 1, 0], TinyTokenizer.Json("a", "?").WithModel("unk_token", "\"?\"").Load().Ids("abca"));
}
