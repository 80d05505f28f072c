using System.Diagnostics;
using LocalInference.Testing;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

public sealed class WorstCaseTests
{
    public static TheoryData<string, string> Texts => new()
    {
        { "one letter", "a" }, { "one space", " " }, { "one Chinese character", "的" }, { "full-width commas", "，" }, { "line feeds", "\n" },
        { "signs", "=-" }, { "markers that begin", "<" }, { "apostrophes", "'s" }, { "marks", "e\u0316\u0301" }, { "astral", "🦙" }, { "digits", "7" },
        { "carriage returns", "\r" }, { "marker beginnings", "<｜" },
    };

    [Theory, MemberData(nameof(Texts))]
    public void Encode_AMegabyteOfTheSame_Finishes(string what, string unit)
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        string text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        string normal = tokenizer.Normalizer!.Normalize(text);
        Assert.True(tokenizer.Decode(tokenizer.Ids(text), skipSpecial: false) == normal, what);
    }

    [Fact]
    public void Encode_RandomLetters_TakesTimeInProportion()
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        var random = new Random(1);
        string text = string.Create(1_000_000, random, static (span, random) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = (char)('a' + random.Next(26));
        });
        var output = new TokenBuffer(text.Length);
        TimeSpan Best(int length) => Enumerable.Range(0, 4).Min(_ =>
        {
            output.Clear();
            long start = Stopwatch.GetTimestamp();
            tokenizer.Encode(text.AsSpan(0, length), addedTokens: false, output);
            return Stopwatch.GetElapsedTime(start);
        });
        // Eight times the text: about 8 where it is n log n, 64 where it is quadratic. A busy machine can spoil one comparison, not
        // all of them.
        List<double> ratios = [];
        while (ratios.Count < 6 && !ratios.Exists(ratio => ratio < 24)) ratios.Add(Best(1_000_000) / Best(125_000));
        Assert.True(ratios[^1] < 24, $"eight times the text took {string.Join(", ", ratios.Select(r => r.ToString("F1")))} times as long");
    }

    [Fact]
    public void Encode_SteadyState_AllocatesPerCallAndNotPerPiece()
    {
        ByteLevelBpeTokenizer tokenizer = ByteLevelBpeTokenizer.Load(Repository.TinyR1);
        const string sentence = "Count from 1 to 29, then say: 你好，世界! It's <think> done.\n\n";
        var output = new TokenBuffer(1 << 20);
        long Allocated(string text) => AllocatedBytes.Least(() =>
        {
            output.Clear();
            tokenizer.Encode(text, addedTokens: true, output);
        });

        long once = Allocated(sentence);
        Assert.Equal(once, Allocated(string.Concat(Enumerable.Repeat(sentence, 1000))));
        Assert.True(once < 256, $"{once} bytes a call");
    }
}
