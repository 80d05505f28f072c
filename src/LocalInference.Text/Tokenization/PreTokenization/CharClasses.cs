using System.Globalization;
using System.Runtime.CompilerServices;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>What pre-tokenisers ask of a character.</summary>
[Flags]
internal enum CharClass : byte
{
    /// <summary>Nothing of the below.</summary>
    None = 0,

    /// <summary><c>\p{L}</c></summary>
    Letter = 1,

    /// <summary><c>\p{N}</c></summary>
    Number = 2,

    /// <summary><c>\s</c>, exactly the White_Space property.</summary>
    Space = 4,

    /// <summary><c>[\r\n]</c></summary>
    LineBreak = 8,

    /// <summary><c>\p{M}</c></summary>
    Mark = 16,

    /// <summary><c>\p{P}</c></summary>
    Punctuation = 32,

    /// <summary><c>\p{S}</c></summary>
    Symbol = 64,
}

/// <summary>
/// The classes of all characters: a table for the BMP, a look-up for the rest. A lone surrogate counts as U+FFFD, which it becomes.
/// </summary>
internal static class CharClasses
{
    private static readonly CharClass[] Bmp = MakeTable();

    /// <summary>The class of the code point at <paramref name="index"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="index">Inside the text.</param>
    /// <param name="width">How many characters the code point takes, 1 or 2.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharClass At(ReadOnlySpan<char> text, int index, out int width)
    {
        char c = text[index];
        width = 1;
        return (c & 0xFC00) == 0xD800 ? AtSurrogate(text, index, out width) : Bmp[c];
    }

    /// <summary>Whether a character has one of the given classes.</summary>
    public static bool Has(char c, CharClass classes) => (Bmp[c] & classes) != 0;

    /// <summary>
    /// Where the run of code points ends that have one of the given classes; <paramref name="index"/> itself where none does.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SkipWhile(ReadOnlySpan<char> text, int index, CharClass classes)
    {
        while (index < text.Length && (At(text, index, out int width) & classes) != 0) index += width;
        return index;
    }

    /// <summary>Where the run of code points ends that have none of the given classes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SkipUntil(ReadOnlySpan<char> text, int index, CharClass classes)
    {
        while (index < text.Length && (At(text, index, out int width) & classes) == 0) index += width;
        return index;
    }

    /// <summary>The class of a code point.</summary>
    public static CharClass Of(int codePoint)
    {
        CharClass result = CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
        {
            <= UnicodeCategory.OtherLetter => CharClass.Letter,
            <= UnicodeCategory.EnclosingMark => CharClass.Mark,
            <= UnicodeCategory.OtherNumber => CharClass.Number,
            >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharClass.Punctuation,
            >= UnicodeCategory.MathSymbol and <= UnicodeCategory.OtherSymbol => CharClass.Symbol,
            _ => CharClass.None,
        };
        if (codePoint <= char.MaxValue && char.IsWhiteSpace((char)codePoint)) result |= CharClass.Space;
        return codePoint is '\r' or '\n' ? result | CharClass.LineBreak : result;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static CharClass AtSurrogate(ReadOnlySpan<char> text, int index, out int width)
    {
        bool isPair = index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);
        width = isPair ? 2 : 1;
        return isPair ? Of(char.ConvertToUtf32(text[index], text[index + 1])) : Bmp[text[index]];
    }

    private static CharClass[] MakeTable()
    {
        var table = new CharClass[char.MaxValue + 1];
        for (int c = 0; c < table.Length; c++) table[c] = Of(char.IsSurrogate((char)c) ? 0xFFFD : c);
        return table;
    }
}
