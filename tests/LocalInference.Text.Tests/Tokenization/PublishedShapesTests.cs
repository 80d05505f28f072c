using System.Text.Json;
using System.Text.Json.Nodes;
using LocalInference.Text.Tokenization;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>Small files in the shapes that published tokenizer.json files have.</summary>
public sealed class PublishedShapesTests
{
    private const string MistralNemo =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Every byte is a token, and a piece that is one of the given texts too: with ignore_merges the pieces show as tokens.
    private static JsonObject Shape(string preTokenizer, params string[] pieces) =>
        TinyTokenizer.Json([.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.LetterOf((byte)value).ToString()), .. pieces.Select(Spelled).Where(piece => piece.Length > 1).Distinct()])
            .With("pre_tokenizer", preTokenizer).WithModel("ignore_merges", "true");

    private static string Spelled(string text) => ByteAlphabet.Spelling(System.Text.Encoding.UTF8.GetBytes(text));

    private static string Split(string regex, string behavior = "Isolated") =>
        new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = regex }, ["behavior"] = behavior, ["invert"] = false }.ToJsonString();

    private static string Sequence(params string[] steps) => $$"""{"type": "Sequence", "pretokenizers": [{{string.Join(", ", steps)}}]}""";

    private const string ByteLevelOnly = """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}""";

    private static void AssertPieces(string preTokenizer, string text, string expected)
    {
        string[] pieces = expected.Split('|');
        ByteLevelBpeTokenizer tokenizer = Shape(preTokenizer, pieces).Load();
        Assert.Equal(pieces, tokenizer.Ids(text).Select(id => tokenizer.Decode([id], skipSpecial: false)));
    }

    [Theory]
    [InlineData("Hello, you're  here\n\n 42!", "Hello|,| you|'re| | here|\n\n| 42|!")]
    [InlineData("  a", " | a")]
    [InlineData("a'S", "a|'|S")]
    [InlineData("x  ", "x|  ")]
    public void Encode_Gpt2_SplitsAsByteLevelDoes(string text, string expected) =>
        AssertPieces("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}""", text, expected);

    [Fact]
    public void Encode_Roberta_PutsASpaceFirst() =>
        AssertPieces("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}""", "Hi you", " Hi| you");

    [Fact]
    public void Encode_ByteLevelWithoutFlags_HasTheirDefaults() => AssertPieces("""{"type": "ByteLevel"}""", "Hi you2", " Hi| you|2");

    [Theory]
    [InlineData("price 1234", "price| |1|2|3|4")]
    [InlineData("v2.0 x", "v|2|.|0| x")]
    public void Encode_StarCoder_SplitsDigitsThenWords(string text, string expected) =>
        AssertPieces(Sequence("""{"type": "Digits", "individual_digits": true}""", """{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}"""), text, expected);

    [Fact]
    public void Encode_DigitsTogether_StayTogether() =>
        AssertPieces(Sequence("""{"type": "Digits", "individual_digits": false}""", ByteLevelOnly), "a123b4", "a|123|b|4");

    [Theory]
    [InlineData("I'M here 123", "I|'M| here| |1|2|3")]
    [InlineData("(word)\n\n  next", "(word|)\n\n| | next")]
    public void Encode_Qwen_SplitsByItsPattern(string text, string expected) =>
        AssertPieces(Sequence(Split(Qwen2), ByteLevelOnly), text, expected);

    [Fact]
    public void Encode_Llama3_TakesNumbersInThrees() =>
        AssertPieces(Sequence(Split(Qwen2.Replace(@"|\p{N}|", @"|\p{N}{1,3}|")), ByteLevelOnly), "a 12345", "a| |123|45");

    [Theory]
    [InlineData("HelloWorld fooBar", "Hello|World| foo|Bar")]
    [InlineData("JSON5 x/\n", "JSON|5| x|/\n")]
    [InlineData("你好World", "你好World")]
    [InlineData("🦙a", "🦙a")]
    public void Encode_MistralNemo_SplitsAtCapitals(string text, string expected) =>
        AssertPieces(Sequence(Split(MistralNemo), ByteLevelOnly), text, expected);

    [Fact]
    public void Encode_DeepSeekCoder_SplitsStepByStep() =>
        AssertPieces(
            Sequence(
                Split("[\r\n]"), Split(@"\s?\p{L}+"), Split(@"\s?\p{P}+"), Split("[一-龥ࠀ-一가-퟿]+"), """{"type": "Digits", "individual_digits": true}""", ByteLevelOnly),
            "int x1 = (a);\n\n你好",
            "int| x|1| =| (|a|);|\n|\n|你好");

    [Theory]
    [InlineData("Isolated", "a|-|b|-|-|c")]
    [InlineData("Removed", "a|b|c")]
    [InlineData("MergedWithPrevious", "a-|b-|-|c")]
    [InlineData("MergedWithNext", "a|-b|-|-c")]
    [InlineData("Contiguous", "a|-|b|--|c")]
    public void Encode_SplitBehaviors_CutAsTheySay(string behavior, string expected) =>
        AssertPieces(Sequence(Split("-", behavior), ByteLevelOnly), "a-b--c", expected);

    [Fact]
    public void Encode_PhisSpaces_AreTakenAsRuns()
    {
        JsonObject json =
            TinyTokenizer.Ascii().Adding("  ", 200, "normalized").Adding("    ", 201, "normalized").Adding("\t\t", 202, "normalized");
        Assert.Equal([201, 200, 'a' - '!', 202], json.Load().Ids("      a\t\t"));
    }

    [Fact]
    public void Encode_QwensNormalizer_ComposesBetweenTokens()
    {
        ByteLevelBpeTokenizer tokenizer = Shape(Sequence(Split(Qwen2), ByteLevelOnly), "é").With("normalizer", """{"type": "NFC"}""").Adding("<|im_end|>", 300, "special").Load();
        Assert.Equal("é<|im_end|>é", tokenizer.Decode(tokenizer.Ids("e\u0301<|im_end|>e\u0301"), skipSpecial: false));
        Assert.Equal("éé", tokenizer.Decode(tokenizer.Ids("e\u0301<|im_end|>e\u0301"), skipSpecial: true));
        Assert.Equal(3, tokenizer.Ids("e\u0301<|im_end|>e\u0301").Length);
    }

    [Fact]
    public void Load_Gpt2sModelWithoutType_IsBpe()
    {
        JsonObject json = TinyTokenizer.Json("a", "b", "ab").WithModel("merges", """["a b"]""")
            .WithModel("continuing_subword_prefix", "\"\"").WithModel("end_of_word_suffix", "\"\"").WithModel("dropout", "null").WithModel("unk_token", "null");
        json["model"]!.AsObject().Remove("type");
        Assert.Equal([2, 1], json.Load().Ids("abb"));
    }

    [Theory]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}""", "'pre_tokenizer.type' is \"Metaspace\"")]
    [InlineData("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Digits"}]}""", "allowed: ByteLevel as the last step only")]
    [InlineData("pre_tokenizer", """{"type": "Whitespace"}""", "'pre_tokenizer.type' is \"Whitespace\"")]
    [InlineData("decoder", """{"type": "Metaspace", "replacement": "▁"}""", "'decoder' is {\"type\":\"Metaspace\"")]
    [InlineData("normalizer", """{"type": "Precompiled", "precompiled_charsmap": ""}""", "'normalizer.type' is \"Precompiled\"")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated"}""", "allowed: at least one character")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "\\p{L}++"}, "behavior": "Isolated"}""", "a pattern that .NET can match")]
    public void Load_WhatIsNotDone_IsRefusedByName(string key, string value, string expected)
    {
        string message = Assert.Throws<InvalidDataException>(() => TinyTokenizer.Ascii().With(key, value).Load()).Message;
        Assert.Contains(expected, message.Replace("{\"type\": ", "{\"type\":"));
    }

    [Fact]
    public void Encode_RandomTextsInEveryShape_ComeBack()
    {
        string[] shapes =
        [
            """{"type": "ByteLevel", "add_prefix_space": false}""",
            Sequence("""{"type": "Digits", "individual_digits": true}""", """{"type": "ByteLevel", "add_prefix_space": false}"""),
            Sequence(Split(Qwen2), ByteLevelOnly),
            Sequence(Split(MistralNemo), ByteLevelOnly),
            Sequence(Split("[a-z]+", "Contiguous"), Split(@"\s", "MergedWithPrevious"), Split(@"\p{P}", "MergedWithNext"), ByteLevelOnly),
        ];
        const int seed = 47;
        foreach (string shape in shapes)
        {
            ByteLevelBpeTokenizer tokenizer = Shape(shape).Load();
            var texts = new RandomTexts(seed);
            for (int i = 0; i < 500; i++)
            {
                string text = texts.Next(40);
                Assert.True(
                    text == tokenizer.Decode(tokenizer.Ids(text), skipSpecial: false),
                    $"seed {seed}, {shape}, text {i} {JsonSerializer.Serialize(text)}");
            }
        }
    }
}
