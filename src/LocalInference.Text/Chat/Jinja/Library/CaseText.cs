using System.Globalization;
using System.Text;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Python's changes of case, character by character, so that each keeps its origin.</summary>
internal static class CaseText
{
    public static StringValue Upper(StringValue text, RenderBudget budget) => Map(text, budget, static (rune, _) => Upper(rune));

    public static StringValue Lower(StringValue text, RenderBudget budget) => Map(text, budget, static (rune, _) => Lower(rune));

    public static StringValue SwapCase(StringValue text, RenderBudget budget) =>
        Map(text, budget, static (rune, _) => Rune.IsUpper(rune) ? Lower(rune) : Rune.IsLower(rune) ? Upper(rune) : rune.ToString());

    /// <summary>Python's <c>str.title</c>: a letter after anything that has no case begins a word.</summary>
    public static StringValue Title(StringValue text, RenderBudget budget) =>
        Map(text, budget, static (rune, before) => before is { } previous && IsCased(previous) ? Lower(rune) : Title(rune));

    public static StringValue Capitalize(StringValue text, RenderBudget budget) =>
        Map(text, budget, static (rune, before) => before is null ? Title(rune) : Lower(rune));

    /// <summary>Jinja's <c>title</c> filter: words begin after blanks, hyphens and opening brackets only.</summary>
    public static StringValue TitleWords(StringValue text, RenderBudget budget) =>
        Map(text, budget, static (rune, before) => before is not { } previous || IsWordBorder(previous) ? Upper(rune) : Lower(rune));

    public static bool IsCased(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;

    private static StringValue Map(StringValue text, RenderBudget budget, Func<Rune, Rune?, string> map)
    {
        TextBuilder mapped = new(budget);
        Rune? before = null;
        for (int at = 0, size; at < text.Text.Length; at += size)
        {
            if (Rune.DecodeFromUtf16(text.Text.AsSpan(at), out Rune rune, out size) != System.Buffers.OperationStatus.Done)
                mapped.Append(text.Slice(at, size));
            else
            {
                string made = map(rune, before);
                mapped.Append(made == "σ" && before is not null && IsFinalSigma(text.Text, at, rune) ? "ς" : made, text.IsInputAt(at));
            }
            before = rune;
        }
        return mapped.ToValue();
    }

    private static string Upper(Rune rune) =>
        rune.IsBmp && CaseTables.Upper.TryGetValue((char)rune.Value, out string? special)
            ? special
            : Rune.ToUpperInvariant(rune).ToString();

    private static string Lower(Rune rune) => rune.Value == 'İ' ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString();

    private static string Title(Rune rune)
    {
        if (rune.IsBmp && CaseTables.Title.TryGetValue((char)rune.Value, out string? special))
            return special;
        bool isGeorgian = rune.Value is >= 0x10D0 and <= 0x10FF;
        return isGeorgian ? rune.ToString() : Upper(rune);
    }

    private static bool IsWordBorder(Rune rune) =>
        rune.Value is '-' or '(' or '{' or '[' or '<' || (rune.IsBmp && CodePoints.IsSpace((char)rune.Value));

    // A capital sigma that ends a word has a small form of its own.
    private static bool IsFinalSigma(string text, int at, Rune rune) =>
        rune.Value == 'Σ' && at > 0 && char.IsLetter(text[at - 1]) && (at + 1 == text.Length || !char.IsLetter(text[at + 1]));
}
