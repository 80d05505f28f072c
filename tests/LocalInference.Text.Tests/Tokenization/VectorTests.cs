using System.Text.Json;
using LocalInference.Testing;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

public sealed class VectorTests
{
    [Theory, MemberData(nameof(ReferenceTokenizers.All), MemberType = typeof(ReferenceTokenizers))]
    public void Encode_EveryVector_GivesTheRecordedIds(string name)
    {
        ByteLevelBpeTokenizer tokenizer = ReferenceTokenizers.Get(name);
        var output = new TokenBuffer();
        int count = 0;
        foreach (ReferenceTokenizers.Vector vector in ReferenceTokenizers.VectorsOf(name))
        {
            output.Clear();
            tokenizer.Encode(vector.Text, addedTokens: true, output);
            Assert.True(
                output.Ids.SequenceEqual(vector.Ids),
                $"{Show(vector.Text)}: {string.Join(',', output.ToArray())}, recorded {string.Join(',', vector.Ids)}");
            Assert.Equal(vector.Ids, tokenizer.EncodeToIds(vector.Text));
            Assert.Equal(vector.Ids.Length, tokenizer.CountTokens(vector.Text));
            count++;
        }

        Assert.Equal(399, count);
    }

    [Theory, MemberData(nameof(ReferenceTokenizers.All), MemberType = typeof(ReferenceTokenizers))]
    public void Decode_EveryVector_GivesTheRecordedText(string name)
    {
        ByteLevelBpeTokenizer tokenizer = ReferenceTokenizers.Get(name);
        foreach (ReferenceTokenizers.Vector vector in ReferenceTokenizers.VectorsOf(name))
        {
            Assert.Equal(vector.Decoded, tokenizer.Decode(vector.Ids, skipSpecial: false));
            Assert.Equal(vector.Decoded, tokenizer.Decode((IEnumerable<int>)vector.Ids));
            Assert.Equal(vector.DecodedWithoutSpecial, tokenizer.Decode(vector.Ids, skipSpecial: true));
        }
    }

    [Fact]
    public void Encode_TinyR1Prompts_GivesTheRecordedIds()
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        var output = new TokenBuffer();
        int count = 0;
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "questions.jsonl")))
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            output.Clear();
            tokenizer.Encode(row.GetProperty("prompt").GetString(), addedTokens: true, output);
            Assert.Equal(row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), output.ToArray());
            count++;
        }

        Assert.True(count > 10, $"{count} questions");
    }

    private static string Show(string text) => JsonSerializer.Serialize(text);
}
