using System.Globalization;
using System.Text;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>
/// One BMP character for each Unicode category, to stand for a character outside the BMP in a regular expression. They are taken from
/// U+A000 to U+ABFF (Yi, Vai, Lisu …) where possible: classes list those least often by name.
/// </summary>
internal static class StandIns
{
    private static readonly char[] ByCategory = Choose();

    /// <summary>Writes one character for each code point; a lone surrogate becomes U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="characters">Room for as many characters as the text has.</param>
    /// <param name="places">Where each character written stands in the text; one more for the end.</param>
    /// <returns>How many were written.</returns>
    public static int Write(ReadOnlySpan<char> text, Span<char> characters, Span<int> places)
    {
        int count = 0;
        int place = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            places[count] = place;
            characters[count++] = rune.IsBmp ? (char)rune.Value : ByCategory[(int)Rune.GetUnicodeCategory(rune)];
            place += rune.Utf16SequenceLength;
        }

        places[count] = place;
        return count;
    }

    private static char[] Choose()
    {
        var chosen = new char[(int)UnicodeCategory.OtherNotAssigned + 1];
        foreach (int c in Enumerable.Range(0xA000, 0xC00).Concat(Enumerable.Range(0x80, 0x780)).Concat(Enumerable.Range(0x800, 0xF7F0)))
        {
            ref char place = ref chosen[(int)CharUnicodeInfo.GetUnicodeCategory((char)c)];
            if (place == 0) place = (char)c;
        }

        return chosen;
    }
}
