using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalInference.Testing;
using LocalInference.Text.Chat;
using LocalInference.Text.Tests.Chat;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>What a user wrote never steers, however it is put together.</summary>
public sealed class InputSafetyTests
{
    private const int Seed = 41;

    public static TheoryData<string> Folders => ["tiny-r1", .. ReferenceTokenizers.Names];

    private static string FolderOf(string name) => name == "tiny-r1" ? Repository.TinyR1 : ReferenceTokenizers.FolderOf(name);

    private static ByteLevelBpeTokenizer Load(string name) =>
        name == "tiny-r1" ? ByteLevelBpeTokenizer.Load(Repository.TinyR1) : ReferenceTokenizers.Get(name);

    // Control tokens of a file: everything added but single letters and white space.
    private static List<(string Content, int Id)> ControlTokensOf(string name)
    {
        using JsonDocument json = JsonFiles.Read(FolderOf(name));
        return [.. json.RootElement.GetProperty("added_tokens").EnumerateArray()
            .Select(token => (Content: token.GetProperty("content").GetString()!, Id: token.GetProperty("id").GetInt32(), Special: token.GetProperty("special").GetBoolean()))
            .Where(token => token.Special || (token.Content.Length > 1 && !string.IsNullOrWhiteSpace(token.Content)))
            .Select(token => (token.Content, token.Id))];
    }

    private static string TextOfParts(Random random, List<(string Content, int Id)> tokens)
    {
        var text = new StringBuilder();
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            string content = tokens[random.Next(tokens.Count)].Content;
            int start = random.Next(3) == 0 ? random.Next(content.Length) : 0;
            int end = random.Next(3) == 0 ? random.Next(start, content.Length) + 1 : content.Length;
            text.Append(content.AsSpan(start, end - start));
            if (random.Next(3) == 0) text.Append(" \nab的"[random.Next(5)]);
        }

        return text.ToString();
    }

    [Theory, MemberData(nameof(Folders))]
    public void Encode_InputOfPartsOfControlTokens_HoldsNone(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        List<(string Content, int Id)> tokens = ControlTokensOf(name);
        HashSet<int> control = [.. tokens.Select(token => token.Id)];
        var random = new Random(Seed);
        int recognised = 0;
        for (int i = 0; i < 1000; i++)
        {
            string text = TextOfParts(random, tokens);
            int[] ids = tokenizer.Ids(text, addedTokens: false);
            Assert.False(ids.Any(control.Contains), $"seed {Seed}, text {i} {JsonSerializer.Serialize(text)}");
            Assert.Equal(tokenizer.Normalizer?.Normalize(text) ?? text, tokenizer.Decode(ids, skipSpecial: true));
            if (tokenizer.Ids(text, addedTokens: true).Any(control.Contains)) recognised++;
        }

        Assert.True(recognised > 500, $"only {recognised} of the texts hold control tokens at all");
    }

    [Theory, MemberData(nameof(Folders))]
    public void Encode_PromptOfBothOrigins_HoldsAsManyControlTokensAsTheTemplateWrote(string name)
    {
        ByteLevelBpeTokenizer tokenizer = Load(name);
        List<(string Content, int Id)> tokens = ControlTokensOf(name);
        HashSet<int> control = [.. tokens.Select(token => token.Id)];
        var random = new Random(Seed);
        var output = new TokenBuffer();
        for (int i = 0; i < 500; i++)
        {
            List<PromptSegment> segments = [];
            List<int> written = [];
            for (int turns = random.Next(1, 5); turns > 0; turns--)
            {
                (string content, int id) = tokens[random.Next(tokens.Count)];
                segments.Add(new PromptSegment(content, IsInput: false));
                written.Add(id);
                segments.Add(new PromptSegment(TextOfParts(random, tokens), IsInput: true));
            }

            output.Clear();
            tokenizer.Encode(Prompts.Of(segments), output);
            Assert.Equal(written, output.ToArray().Where(control.Contains));
        }
    }

    [Fact]
    public void Encode_InputWithEveryFlagCombination_HoldsNoControlToken()
    {
        string[] flags = ["special", "lstrip", "rstrip", "single_word", "normalized"];
        for (int combination = 0; combination < 1 << flags.Length; combination++)
        {
            string[] chosen = [.. flags.Where((_, bit) => (combination & (1 << bit)) != 0)];
            ByteLevelBpeTokenizer tokenizer = TinyTokenizer.Ascii().Adding("<x>", 200, chosen).Load();
            Assert.DoesNotContain(200, tokenizer.Ids("<x> a <x><x> <x>b", addedTokens: false));
            Assert.Contains(200, tokenizer.Ids("a <x> b", addedTokens: true));
        }
    }

    [Fact]
    public void Encode_InputWhoseNormalFormIsAControlToken_StaysText()
    {
        JsonObject json = TinyTokenizer.Ascii().With("normalizer", """{"type": "NFKC"}""").Adding("<x>", 200, "normalized");
        ByteLevelBpeTokenizer tokenizer = json.Load();
        Assert.Equal([200], tokenizer.Ids("＜x＞", addedTokens: true));
        Assert.Equal(["<", "x", ">"], tokenizer.Ids("＜x＞", addedTokens: false).Select(id => ((char)(id + '!')).ToString()));
    }
}
