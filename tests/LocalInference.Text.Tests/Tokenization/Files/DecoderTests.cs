using System.Text.Json.Nodes;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization.Files;

/// <summary>What <c>decoder</c> and <c>post_processor</c> say.</summary>
public sealed class DecoderTests
{
    private static JsonObject Text(params string[] tokens) => TinyTokenizer.Json(tokens).With("pre_tokenizer", "null");

    private static string Decode(string decoder, string[] tokens, params int[] ids) =>
        Text(tokens).With("decoder", decoder).Load().Decode(ids, skipSpecial: false);

    [Fact]
    public void Decode_Replace_AppliesToEveryToken() =>
        Assert.Equal(" a b", Decode("""{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}""", ["▁a", "▁b"], 0, 1));

    [Fact]
    public void Decode_SeveralReplacements_ApplyInOrder() =>
        Assert.Equal("c", Decode(
            """
            {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "a"}, "content": "b"},
             {"type": "Replace", "pattern": {"String": "b"}, "content": "c"}]}
            """,
            ["a"],
            0));

    [Fact]
    public void Decode_ByteFallback_JoinsBytesIntoCharacters()
    {
        string[] tokens = ["<0xE7>", "<0x9A>", "<0x84>", "<0xZZ>", "<0x9>"];
        Assert.Equal("的", Decode("""{"type": "ByteFallback"}""", tokens, 0, 1, 2));
        Assert.Equal("\uFFFD<0xZZ><0x9>", Decode("""{"type": "ByteFallback"}""", tokens, 0, 3, 4));
        Assert.Equal("<0xE7>", Decode("""{"type": "Fuse"}""", tokens, 0));
    }

    [Theory]
    [InlineData(1, " a")]
    [InlineData(2, "a")]
    [InlineData(9, "a")]
    [InlineData(0, "  a")]
    public void Decode_Strip_TakesAtMostSoManyOffTheFront(int start, string expected)
    {
        string decoder =
            $$"""{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": " ", "start": {{start}}, "stop": 0}]}""";
        Assert.Equal(expected, Decode(decoder, [" ", "a"], 0, 0, 1));
        ByteLevelBpeTokenizer tokenizer = Text(" ", "a").With("decoder", decoder).Load();
        var detokenizer = new Detokenizer(tokenizer);
        Assert.Equal(expected, string.Concat(new[] { 0, 0, 1 }.Select(id => detokenizer.Append(id).ToString())));
        detokenizer.Flush();
        Assert.Equal(expected, string.Concat(new[] { 0, 0, 1 }.Select(id => detokenizer.Append(id).ToString())));
    }

    [Theory]
    [InlineData("""{"type": "Strip", "content": " ", "start": 1, "stop": 0}""")]
    [InlineData("""{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 1}]}""")]
    [InlineData("""{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": "的", "start": 1, "stop": 0}]}""")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "a"}, "content": "b"}""")]
    [InlineData("""{"type": "Replace", "pattern": {"String": ""}, "content": "b"}""")]
    public void Load_DecoderThatCannotBeBoiledDown_IsRefused(string decoder) =>
        Assert.Contains("Strip after Fuse", Assert.Throws<InvalidDataException>(() => Text("a").With("decoder", decoder).Load()).Message);

    [Theory]
    [InlineData("""{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}], "special_tokens": {}}""", "a name that special_tokens lists")]
    [InlineData("""{"type": "TemplateProcessing", "single": [], "special_tokens": {}}""", "a template with a Sequence")]
    [InlineData("""{"type": "BertProcessing", "sep": ["</s>", 1], "cls": ["<s>"]}""", "a token and its id")]
    public void Load_BrokenPostProcessor_SaysWhatIsAllowed(string processor, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Text("a").With("post_processor", processor).Load()).Message);

    [Fact]
    public void PostProcessors_InSequence_NestFromTheInside()
    {
        ByteLevelBpeTokenizer tokenizer = Text("a").With("post_processor", """
            {"type": "Sequence", "processors": [{"type": "RobertaProcessing", "cls": ["x", 5], "sep": ["y", 6]},
             {"type": "BertProcessing", "cls": ["x", 7], "sep": ["y", 8]}]}
            """).Load();
        Assert.Equal([7, 5], tokenizer.LeadingIds);
    }
}
