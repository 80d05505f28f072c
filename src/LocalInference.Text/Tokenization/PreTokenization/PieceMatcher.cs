namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>
/// Finds the matches of one pattern, by hand instead of by a regular expression: many times faster, and right outside the BMP.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal abstract class PieceMatcher
{
    /// <summary>Finds the first match of at least one character that begins at <paramref name="from"/> or later.</summary>
    public abstract bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end);
}

/// <summary>Finds a literal text.</summary>
internal sealed class LiteralMatcher(string literal) : PieceMatcher
{
    public override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        int at = text[from..].IndexOf(literal, StringComparison.Ordinal);
        (start, end) = (from + at, from + at + literal.Length);
        return at >= 0;
    }
}

/// <summary>
/// <c>\s+$</c>: white space before the end of a line. The dollar is Ruby's: a line ends before each line feed, and at the end.
/// </summary>
internal sealed class TrailingSpaceMatcher : PieceMatcher
{
    public override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        for (start = from; start < text.Length; start++)
        {
            if (!char.IsWhiteSpace(text[start])) continue;
            int stop = start + 1;
            while (stop < text.Length && char.IsWhiteSpace(text[stop])) stop++;
            end = stop == text.Length ? stop : start + 1 + text[(start + 1)..stop].LastIndexOf('\n');
            if (end > start) return true;
            start = stop - 1;
        }

        end = 0;
        return false;
    }
}
