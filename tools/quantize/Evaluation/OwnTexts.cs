namespace LocalInference.Quantize.Evaluation;

/// <summary>
/// Texts that come with this tool, of the kinds that a reasoning model reads and writes. The first three quarters of each are learned from,
/// the rest is measured on: a model must not be measured on what it was fitted to.
/// </summary>
internal static class OwnTexts
{
    private const double LearnedShare = 0.75;
    private const int MeasuredPieceTokens = 125;

    private static readonly string[] Kinds = ["english", "chinese", "code", "mathematics", "dialogue"];

    private static string Name => $"this tool's own texts ({string.Join(", ", Kinds)})";

    /// <summary>
    /// Whether a tokenizer has learned from texts like these, and its model has a row for each of their ids: they are then what it expects.
    /// </summary>
    public static bool Suit(ModelTokenizer tokenizer, int vocabulary) =>
        tokenizer.HasLearned(Read(Kinds[0])) && Kinds.All(kind => tokenizer.Encode(Read(kind)).Max() < vocabulary);

    /// <summary>What a method may learn from.</summary>
    public static CalibrationText ForLearning(ModelTokenizer tokenizer, int vocabulary, int mostTokens) =>
        CalibrationText.Of(Name, Kinds.Select(kind => Split(Read(kind)).Learned), tokenizer, vocabulary, mostTokens);

    /// <summary>What models are measured on.</summary>
    public static EvaluationText ForMeasuring(ModelTokenizer tokenizer, int vocabulary, int mostTokens)
    {
        int piece = Math.Clamp(mostTokens / Kinds.Length, 1, MeasuredPieceTokens);
        int[][] pieces = [.. Kinds.SelectMany(kind => tokenizer.Pieces(Split(Read(kind)).Measured, piece, vocabulary))];
        int[][] taken = CalibrationText.Spread(pieces, Math.Max(1, mostTokens / piece));
        return new EvaluationText($"{taken.Sum(p => p.Length)} tokens of {Name}", taken, []);
    }

    /// <summary>A text's two parts, cut at the end of a line.</summary>
    public static (string Learned, string Measured) Split(string text)
    {
        int at = text.IndexOf('\n', (int)(text.Length * LearnedShare)) + 1;
        return (text[..at], text[at..]);
    }

    private static string Read(string kind)
    {
        using Stream stream = typeof(OwnTexts).Assembly.GetManifestResourceStream($"texts/{kind}.txt")
            ?? throw new InvalidOperationException($"The assembly lacks its resource 'texts/{kind}.txt'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
