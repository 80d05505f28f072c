using System.Globalization;
using System.Text;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Python's questions about the characters of a text.</summary>
internal static class CharacterTests
{
    public static BoolValue All(StringValue text, Func<Rune, bool> test) =>
        BoolValue.Of(text.IsTrue && text.Text.EnumerateRunes().All(test));

    public static bool IsAlpha(Rune rune) => Rune.IsLetter(rune);

    public static bool IsAlphanumeric(Rune rune) => IsAlpha(rune) || IsNumeric(rune);

    public static bool IsDecimal(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;

    public static bool IsDigit(Rune rune) => IsDecimal(rune) || (rune.IsBmp && CharUnicodeInfo.GetDigitValue((char)rune.Value) >= 0);

    public static bool IsNumeric(Rune rune) => Rune.IsNumber(rune) || Rune.GetNumericValue(rune) >= 0;

    public static bool IsSpace(Rune rune) => rune.IsBmp && CodePoints.IsSpace((char)rune.Value);

    public static bool IsUpper(string text) => AreCased(text, Rune.IsUpper);

    public static bool IsLower(string text) => AreCased(text, Rune.IsLower);

    public static bool IsTitle(string text)
    {
        bool hasWord = false, isInside = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (CaseText.IsCased(rune) && Rune.IsLower(rune) != isInside)
                return false;
            isInside = CaseText.IsCased(rune);
            hasWord |= isInside;
        }
        return hasWord;
    }

    public static bool IsIdentifier(string text) =>
        text.Length > 0 && !char.IsDigit(text[0]) && text.EnumerateRunes().All(IsIdentifierPart);

    private static bool IsIdentifierPart(Rune rune) => rune.Value == '_' || Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber
        or UnicodeCategory.ConnectorPunctuation;

    // Characters without case do not count, but one with case there must be.
    private static bool AreCased(string text, Func<Rune, bool> test)
    {
        bool isAny = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (CaseText.IsCased(rune) && !test(rune))
                return false;
            isAny |= CaseText.IsCased(rune);
        }
        return isAny;
    }
}
