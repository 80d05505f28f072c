using System.Diagnostics;
using System.Text;
using LocalInference.Text.Tokenization;

namespace LocalInference.Bench.Tokenization;

/// <summary>Megabytes that a quadratic step somewhere would never finish: time at 1 MB against time at half of it.</summary>
internal sealed class WorstCases(int seed)
{
    private const int Megabyte = 1_000_000;
    private const int Repeats = 3;

    /// <summary>Name and text, each of a megabyte of UTF-8.</summary>
    public IReadOnlyList<(string Name, string Text)> Texts { get; } =
    [
        ("one letter", new string('a', Megabyte)),
        ("spaces", new string(' ', Megabyte)),
        ("one Chinese character", new string('的', Megabyte / 3)),
        ("less-than signs", new string('<', Megabyte)),
        ("random letters", RandomLetters(seed)),
    ];

    public WorstCaseResult Run(TokenizerCase tokenizer, string name, string text)
    {
        TokenBuffer ids = new(Megabyte);
        return new WorstCaseResult(tokenizer.Name, name, HalfMs: Best(text[..(text.Length / 2)]), WholeMs: Best(text));

        // The shortest of a few: what else the machine does only ever adds.
        double Best(string part) => Enumerable.Range(0, Repeats).Min(_ =>
        {
            ids.Clear();
            long started = Stopwatch.GetTimestamp();
            tokenizer.Ours.Encode(part, addedTokens: true, ids);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        });
    }

    private static string RandomLetters(int seed)
    {
        Random chance = new(seed);
        StringBuilder text = new(Megabyte);
        while (text.Length < Megabyte) text.Append((char)('a' + chance.Next(26)));
        return text.ToString();
    }
}
