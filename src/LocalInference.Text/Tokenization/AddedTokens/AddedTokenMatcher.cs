using System.Buffers;
using System.Globalization;
using System.Text;

namespace LocalInference.Text.Tokenization.AddedTokens;

/// <summary>Where an added token stands.</summary>
/// <param name="Token">Which.</param>
/// <param name="Start">Its first character, white space that it takes along included.</param>
/// <param name="End">One past its last.</param>
/// <param name="Resume">Where the search goes on: the end of the token itself.</param>
internal readonly record struct AddedTokenMatch(AddedToken Token, int Start, int End, int Resume);

/// <summary>
/// Finds added tokens, the leftmost first and the longest of those. Patterns are kept sorted; a search narrows the range that fits
/// character by character, so that a text of nothing but <c>&lt;</c> costs no more than any other.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private readonly string[] _patterns;
    private readonly AddedToken[] _tokens;
    private readonly SearchValues<char> _firstChars;

    /// <summary>Makes a matcher.</summary>
    /// <param name="tokens">What to look for; empty patterns are left out, of equal ones the last counts.</param>
    /// <param name="patternOf">What a token looks like in the text searched.</param>
    public AddedTokenMatcher(IEnumerable<AddedToken> tokens, Func<AddedToken, string> patternOf)
    {
        var byPattern = new SortedDictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (AddedToken token in tokens)
            if (patternOf(token) is { Length: > 0 } pattern)
                byPattern[pattern] = token;
        _patterns = [.. byPattern.Keys];
        _tokens = [.. byPattern.Values];
        _firstChars = SearchValues.Create([.. _patterns.Select(pattern => pattern[0]).Distinct()]);
    }

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty => _patterns.Length == 0;

    /// <summary>Finds the next token.</summary>
    /// <param name="text">The whole text: what touches a token may matter.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="taken">Characters before this belong to the token before.</param>
    /// <param name="origins">Where control tokens may stand.</param>
    /// <param name="match">Where it stands.</param>
    public bool TryFind(ReadOnlySpan<char> text, int from, int taken, ref TextOrigins origins, out AddedTokenMatch match)
    {
        match = default;
        if (IsEmpty) return false;
        for (int at = from; at < text.Length; at++)
        {
            int skipped = text[at..].IndexOfAny(_firstChars);
            if (skipped < 0) return false;
            at += skipped;
            int index = FindLongest(text, at, origins.ControlLimit(at));
            if (index < 0) continue;
            int end = at + _patterns[index].Length;
            if (TryAccept(text, _tokens[index], at, end, taken, out match)) return true;
            // Hugging Face goes on behind a token that failed its single_word test, not inside it.
            at = end - 1;
        }

        return false;
    }

    private int FindLongest(ReadOnlySpan<char> text, int at, int controlLimit)
    {
        int longest = -1;
        (int low, int high) = (0, _patterns.Length);
        for (int depth = 0; at + depth < text.Length && low < high; depth++)
        {
            char wanted = text[at + depth];
            low = FirstAtLeast(low, high, depth, wanted);
            high = FirstAtLeast(low, high, depth, wanted + 1);
            // Sorted: the pattern that ends here comes before those that go on.
            if (low < high && _patterns[low].Length == depth + 1 && (_tokens[low].IsPlainText || at + depth < controlLimit)) longest = low;
        }

        return longest;
    }

    // The first pattern in [low, high) whose character at `depth` is at least `wanted`; a pattern that ends before comes first.
    private int FirstAtLeast(int low, int high, int depth, int wanted)
    {
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            string pattern = _patterns[middle];
            if (pattern.Length <= depth || pattern[depth] < wanted) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static bool TryAccept(ReadOnlySpan<char> text, AddedToken token, int start, int end, int taken, out AddedTokenMatch match)
    {
        match = default;
        if (token.IsSingleWord && (EndsInWord(text[..start]) || BeginsWithWord(text[end..]))) return false;
        (int first, int last) = (start, end);
        if (token.StripsLeft)
            while (first > taken && char.IsWhiteSpace(text[first - 1])) first--;
        if (token.StripsRight)
            while (last < text.Length && char.IsWhiteSpace(text[last])) last++;
        match = new AddedTokenMatch(token, first, last, end);
        return true;
    }

    private static bool EndsInWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool BeginsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    // \w as Unicode defines it, and Rust's regex with it.
    private static bool IsWord(Rune rune) => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune)
        is <= UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}
