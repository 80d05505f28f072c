namespace LocalInference.Quantize.Evaluation;

/// <summary>What a method learns from: token ids, and what they are.</summary>
/// <param name="Description">For the report.</param>
/// <param name="Sequences">Token ids, one list a sequence.</param>
internal sealed record CalibrationText(string Description, IReadOnlyList<int[]> Sequences)
{
    // Long enough that attention looks back, short enough that many kinds of text fit the whole.
    private const int PieceTokens = 256;

    /// <summary>Cuts texts into pieces and takes so many of them, spread evenly over all.</summary>
    /// <param name="name">Of the texts, for the report.</param>
    /// <param name="texts">In order.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="vocabulary">Its logits.</param>
    /// <param name="mostTokens">In all, at most.</param>
    public static CalibrationText Of(string name, IEnumerable<string> texts, ModelTokenizer tokenizer, int vocabulary, int mostTokens)
    {
        int[][] pieces = [.. texts.SelectMany(text => tokenizer.Pieces(text, PieceTokens, vocabulary))];
        int[][] taken = Spread(pieces, Math.Max(1, mostTokens / PieceTokens));
        int all = pieces.Sum(p => p.Length), used = taken.Sum(p => p.Length);
        return new CalibrationText(used == all ? $"{used} tokens: {name}" : $"{used} of {all} tokens, spread evenly: {name}", taken);
    }

    /// <summary>So many of a list, at even distances.</summary>
    public static int[][] Spread(int[][] pieces, int count) =>
        pieces.Length <= count ? pieces : [.. Enumerable.Range(0, count).Select(i => pieces[(int)((long)i * pieces.Length / count)])];
}
