using System.Text.RegularExpressions;

namespace LocalInference.Bench.Tokenization;

/// <summary>
/// The texts of a run: English is what the checkout's sources say in their comments, code is the sources, Chinese is made by a seed. Each
/// round has its own text, so that what is measured is a new text in a known language, as a server sees it, and not a cache's memory.
/// </summary>
internal sealed partial class TextSource
{
    private readonly string[] _sentences;
    private readonly string[] _members;
    private readonly int _seed;
    private readonly int _size;

    /// <param name="checkout">The checkout's folder.</param>
    /// <param name="seed">The same seed gives the same texts.</param>
    /// <param name="size">About how many bytes of UTF-8 a text has.</param>
    public TextSource(string checkout, int seed, int size)
    {
        (_seed, _size) = (seed, size);
        var files = Directory.EnumerateFiles(Path.Combine(checkout, "src"), "*.cs", SearchOption.AllDirectories);
        string[] sources = [.. files.Order(StringComparer.Ordinal).Select(File.ReadAllText)];
        _sentences = [.. sources.SelectMany(SentencesOf)];
        _members = [.. sources.SelectMany(source => source.Split("\n\n")).Select(member => member + "\n\n")];
        if (_sentences.Length == 0)
            throw new BenchException($"'{checkout}/src' holds no sources to take texts from: run this in a whole checkout.");
    }

    /// <summary>A round's text.</summary>
    public string Next(TextKind kind, int round)
    {
        Random chance = new(unchecked((_seed * 1_000_003) + round));
        return kind switch
        {
            TextKind.English => Shuffled(_sentences, chance),
            TextKind.Code => Shuffled(_members, chance),
            _ => ChineseText.Make(_size, chance),
        };
    }

    // Sentences and members in another order: a large part of the whole, so that rounds cost about the same.
    private string Shuffled(string[] parts, Random chance)
    {
        string[] order = [.. parts];
        chance.Shuffle(order);
        int length = 0;
        return string.Concat(order.TakeWhile(part => (length += part.Length) <= _size));
    }

    private static IEnumerable<string> SentencesOf(string source)
    {
        string prose = string.Join(' ', Comment().Matches(source).Select(comment => Tag().Replace(comment.Groups[1].Value, "").Trim()));
        return Sentence().Matches(prose).Select(sentence => sentence.Value);
    }

    [GeneratedRegex(@"^\s*///?(.*)$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"</?\w[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"[^.]+\.\s+")]
    private static partial Regex Sentence();
}
