using System.Text.Json.Nodes;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization.Files;

public sealed class TokenizerFileTests
{
    private static string ErrorOf(JsonObject json) => Assert.Throws<InvalidDataException>(() => json.Load()).Message;

    [Fact]
    public void Load_Zipped_IsTheSame() =>
        Assert.Equal(TinyTokenizer.Ascii().Load().Ids("abc"), TinyTokenizer.Ascii().Load(zipped: true).Ids("abc"));

    [Theory]
    [InlineData("""["a b", "ab c"]""")]
    [InlineData("""[["a", "b"], ["ab", "c"]]""")]
    public void Load_MergesInEitherForm_MergeTheSame(string merges) =>
        Assert.Equal(["abc", "b"], TinyTokenizer.Json("a", "b", "c", "ab", "abc").WithModel("merges", merges).Load().Tokens("abcb"));

    [Fact]
    public void Load_MergedTokenWithASpace_NeedsThePairForm()
    {
        JsonObject json = TinyTokenizer.Json("a b", "c", "a bc").With("pre_tokenizer", "null").With("decoder", """{"type": "Fuse"}""");
        ByteLevelBpeTokenizer tokenizer = json.WithModel("merges", """[["a b", "c"]]""").Load();
        Assert.Equal("a bc", tokenizer.Decode([2], skipSpecial: false));
        Assert.Contains("one space", ErrorOf(json.WithModel("merges", """["a b c"]""")));
    }

    [Fact]
    public void Load_MergesBeforeVocabulary_AreRead()
    {
        JsonObject json = TinyTokenizer.Json("a", "b", "ab");
        JsonNode vocabulary = json["model"]!["vocab"]!.DeepClone();
        json["model"] = new JsonObject { ["merges"] = new JsonArray("a b"), ["vocab"] = vocabulary };
        Assert.Equal(["ab"], json.Load().Tokens("ab"));
    }

    [Theory]
    [InlineData("normalizer", """{"type": "BertNormalizer"}""", "'normalizer.type' is \"BertNormalizer\"; allowed: null, NFC")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace"}""", "'pre_tokenizer.type' is \"Metaspace\"; allowed: null, Split")]
    [InlineData("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Gone"}]}""", "'pre_tokenizer.pretokenizers[0].behavior' is \"Gone\"; allowed: Isolated, Removed")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "[a&&b]x"}, "behavior": "Isolated"}""", "'pre_tokenizer.pattern.Regex' is \"[a&&b]x\"; allowed: a pattern that .NET can match")]
    [InlineData("decoder", """{"type": "WordPiece"}""", "'decoder' is {\"type\": \"WordPiece\"}; allowed: ByteLevel")]
    [InlineData("post_processor", """{"type": "Custom"}""", "'post_processor.type' is \"Custom\"; allowed: null, ByteLevel")]
    [InlineData("added_tokens", """[{"content": "<x>"}]""", "'added_tokens[0].id' is absent; allowed: a whole number")]
    [InlineData("added_tokens", """[{"id": 1, "content": "x", "special": "yes"}]""", "'added_tokens[0].special' is \"yes\"; allowed: true or false")]
    [InlineData("added_tokens", """[{"id": 1, "content": "x"}, {"id": 1, "content": "y"}]""", "'added_tokens[1].id' is 1; allowed: an id that no other")]
    public void Load_UnsupportedSection_NamesKeyFoundAndAllowed(string key, string value, string expected)
    {
        string message = ErrorOf(TinyTokenizer.Ascii().With(key, value));
        Assert.Contains("tokenizer.json: " + expected, message.Replace("\":\"", "\": \""));
    }

    [Theory]
    [InlineData("type", "\"Unigram\"", "'model.type' is \"Unigram\"; allowed: BPE")]
    [InlineData("dropout", "0.1", "'model.dropout' is 0.1; allowed: null or 0")]
    [InlineData("end_of_word_suffix", "\"</w>\"", "'model.end_of_word_suffix' is \"</w>\"; allowed: null or \"\"")]
    [InlineData("unk_token", "\"<unk>\"", "'model.unk_token' is \"<unk>\"; allowed: null, or a token of the file")]
    [InlineData("byte_fallback", "true", "'model.byte_fallback' is true; allowed: false where ByteLevel")]
    [InlineData("merges", "[\"a ä\"]", "'model.merges[0]' is \"a\" and \"ä\"; allowed: tokens of model.vocab")]
    [InlineData("merges", "[\"ab\"]", "'model.merges[0]' is \"ab\"; allowed: two tokens with one space")]
    [InlineData("merges", "[1]", "'model.merges[0]' is Number; allowed: \"a b\" or [\"a\", \"b\"]")]
    [InlineData("vocab", "{\"a\": -1}", "'model.vocab[\"a\"]' is Number; allowed: an id from 0")]
    [InlineData("vocab", "[]", "'model.vocab' is StartArray; allowed: an object")]
    public void Load_BrokenModel_NamesKeyFoundAndAllowed(string key, string value, string expected) =>
        Assert.Contains("tokenizer.json: " + expected, ErrorOf(TinyTokenizer.Ascii().WithModel(key, value)));

    [Fact]
    public void Load_NoJson_SaysWhere()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), "{\n \"model\": nonsense}");
        Assert.Contains(
            "tokenizer.json: no valid JSON (line 2",
            Assert.Throws<InvalidDataException>(() => ByteLevelBpeTokenizer.Load(folder.Path)).Message);
    }

    [Fact]
    public void Load_NoFile_NamesWhatIsLookedFor()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("tokenizer.json.gz", Assert.Throws<FileNotFoundException>(() => ByteLevelBpeTokenizer.Load(folder.Path)).Message);
    }

    [Fact]
    public void PostProcessor_Template_GivesTheIdsBefore()
    {
        ByteLevelBpeTokenizer tokenizer =
            TinyTokenizer.Ascii().Adding("<s>", 200, "special").Adding("</s>", 201, "special").With("post_processor", """
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
             "special_tokens": {"<s>": {"id": "<s>", "ids": [200], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [201], "tokens": ["</s>"]}}}]}
            """).Load();
        Assert.Equal([200], tokenizer.LeadingIds);
        Assert.Equal(['a' - '!'], tokenizer.Ids("a"));
    }

    [Fact]
    public void PostProcessor_Roberta_GivesTheIdsBefore()
    {
        ByteLevelBpeTokenizer tokenizer = TinyTokenizer.Ascii()
            .With("post_processor", """{"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}""").Load();
        Assert.Equal([0], tokenizer.LeadingIds);
    }
}
