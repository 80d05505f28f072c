namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>What the patterns of the GPT family and of DeepSeek-V3 share.</summary>
internal static class GptGrammar
{
    /// <summary>
    /// <c>\s*[\r\n]+|\s+(?!\S)|\s+</c> at a white-space character: up to the last line break, else all but the last space before a word.
    /// </summary>
    public static int SkipSpaces(ReadOnlySpan<char> text, int from)
    {
        int end = CharClasses.SkipWhile(text, from, CharClass.Space);
        int lastBreak = text[from..end].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? from + lastBreak + 1 : SkipSpacesBeforeWord(text, from, end);
    }

    /// <summary><c>\s+(?!\S)|\s+</c>: all but the last space before a word.</summary>
    public static int SkipSpacesBeforeWord(ReadOnlySpan<char> text, int from, int end) =>
        end == text.Length || end - from == 1 ? end : end - 1;

    /// <summary><c>[\r\n]*</c></summary>
    public static int SkipLineBreaks(ReadOnlySpan<char> text, int from)
    {
        while (from < text.Length && text[from] is '\r' or '\n') from++;
        return from;
    }
}

/// <summary>
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>: Qwen2 with
/// numbers of one digit, Llama 3 with <c>\p{N}{1,3}</c>. It leaves nothing unmatched.
/// </summary>
internal sealed class GptMatcher(int maxDigits) : PieceMatcher
{
    private const CharClass WordOrSpace = CharClass.Letter | CharClass.Number | CharClass.Space;

    public override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        start = from;
        end = text[from] == '\'' && SkipContraction(text, from) is var contraction and > 0 ? contraction : SkipOne(text, from);
        return true;
    }

    private int SkipOne(ReadOnlySpan<char> text, int from)
    {
        CharClass first = CharClasses.At(text, from, out int width);
        int second = from + width;
        if ((first & CharClass.Letter) != 0) return CharClasses.SkipWhile(text, second, CharClass.Letter);
        if ((first & CharClass.Number) != 0) return SkipDigits(text, second);
        CharClass next = second < text.Length ? CharClasses.At(text, second, out _) : CharClass.Space;
        if ((first & CharClass.LineBreak) == 0 && (next & CharClass.Letter) != 0)
            return CharClasses.SkipWhile(text, second, CharClass.Letter);
        if ((first & CharClass.Space) == 0 || (text[from] == ' ' && (next & WordOrSpace) == 0))
            return GptGrammar.SkipLineBreaks(text, CharClasses.SkipUntil(text, second, WordOrSpace));
        return GptGrammar.SkipSpaces(text, from);
    }

    private int SkipDigits(ReadOnlySpan<char> text, int at)
    {
        for (int digits = 1; digits < maxDigits && at < text.Length; digits++)
        {
            if ((CharClasses.At(text, at, out int width) & CharClass.Number) == 0) break;
            at += width;
        }

        return at;
    }

    // Whatever the case; U+017F is a lower-case s to whom case does not matter.
    private static int SkipContraction(ReadOnlySpan<char> text, int from)
    {
        if (from + 1 >= text.Length) return 0;
        char first = char.ToLowerInvariant(text[from + 1]);
        if (first is 's' or 't' or 'm' or 'd' or '\u017F') return from + 2;
        if (from + 2 >= text.Length) return 0;
        return (first, char.ToLowerInvariant(text[from + 2])) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? from + 3 : 0;
    }
}

/// <summary>
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>: GPT-2, what ByteLevel does where it splits itself.
/// It leaves nothing unmatched.
/// </summary>
internal sealed class Gpt2Matcher : PieceMatcher
{
    private const CharClass WordOrSpace = CharClass.Letter | CharClass.Number | CharClass.Space;

    public override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        start = from;
        end = SkipContraction(text, from) is var contraction and > 0 ? contraction : SkipOne(text, from);
        return true;
    }

    private static int SkipOne(ReadOnlySpan<char> text, int from)
    {
        CharClass first = CharClasses.At(text, from, out int width);
        int word = from;
        if (text[from] == ' ' && from + 1 < text.Length)
        {
            CharClass next = CharClasses.At(text, from + 1, out int nextWidth);
            if ((next & CharClass.Space) == 0) (first, width, word) = (next, nextWidth, from + 1);
        }

        word += width;
        if ((first & CharClass.Letter) != 0) return CharClasses.SkipWhile(text, word, CharClass.Letter);
        if ((first & CharClass.Number) != 0) return CharClasses.SkipWhile(text, word, CharClass.Number);
        if ((first & CharClass.Space) == 0) return CharClasses.SkipUntil(text, word, WordOrSpace);
        return GptGrammar.SkipSpacesBeforeWord(text, from, CharClasses.SkipWhile(text, from, CharClass.Space));
    }

    private static int SkipContraction(ReadOnlySpan<char> text, int from) => text[from..] switch
    {
        ['\'', 's' or 't' or 'm' or 'd', ..] => from + 2,
        ['\'', 'r' or 'v', 'e', ..] or ['\'', 'l', 'l', ..] => from + 3,
        _ => 0,
    };
}

/// <summary>
/// The third pattern of DeepSeek-V3 and R1:
/// <c>[ASCII punctuation][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// It leaves control characters and numbers unmatched.
/// </summary>
internal sealed class DeepSeek3Matcher : PieceMatcher
{
    private const CharClass Word = CharClass.Letter | CharClass.Mark;
    private const CharClass Sign = CharClass.Punctuation | CharClass.Symbol;

    public override bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        for (start = from; start < text.Length;)
        {
            end = SkipOne(text, start, out int width);
            if (end > start) return true;
            start += width;
        }

        end = 0;
        return false;
    }

    private static int SkipOne(ReadOnlySpan<char> text, int from, out int width)
    {
        CharClass first = CharClasses.At(text, from, out width);
        char c = text[from];
        if (c is > ' ' and < '\x7F' && (first & Sign) != 0 && from + 1 < text.Length && char.IsAsciiLetter(text[from + 1]))
            return SkipAsciiLetters(text, from + 1);
        int second = from + width;
        if ((first & Word) != 0) return CharClasses.SkipWhile(text, second, Word);
        CharClass next = second < text.Length ? CharClasses.At(text, second, out _) : CharClass.None;
        if ((first & (CharClass.LineBreak | Sign)) == 0 && (next & Word) != 0) return CharClasses.SkipWhile(text, second, Word);
        if ((first & Sign) != 0 || (c == ' ' && (next & Sign) != 0))
            return GptGrammar.SkipLineBreaks(text, CharClasses.SkipWhile(text, second, Sign));
        return (first & CharClass.Space) != 0 ? GptGrammar.SkipSpaces(text, from) : from;
    }

    private static int SkipAsciiLetters(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
        return at;
    }
}
