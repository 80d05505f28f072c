using System.Text;
using System.Text.RegularExpressions;

namespace LocalInference.Text.Tokenization.Normalization;

/// <summary>Several normalisers, one after the other.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<TextNormalizer> steps) : TextNormalizer
{
    public override string? TryNormalize(ReadOnlySpan<char> text)
    {
        string? current = null;
        foreach (TextNormalizer step in steps)
            current = step.TryNormalize(current is null ? text : current) ?? current;
        return current;
    }
}

/// <summary>A canonical or compatible Unicode form.</summary>
internal sealed class UnicodeFormNormalizer(UnicodeForm form) : TextNormalizer
{
    public override string? TryNormalize(ReadOnlySpan<char> text) => UnicodeForms.TryNormalize(text, form);
}

/// <summary>Lower case by each character's own mapping, as Rust has it: without regard to neighbours or language.</summary>
internal sealed class LowercaseNormalizer : TextNormalizer
{
    // The one character whose lower case is two.
    private const char DottedCapitalI = '\u0130';

    public override string? TryNormalize(ReadOnlySpan<char> text)
    {
        var lower = new StringBuilder(text.Length);
        Span<char> buffer = stackalloc char[2];
        foreach (Rune rune in text.EnumerateRunes())
            if (rune.Value == DottedCapitalI) lower.Append("i\u0307");
            else lower.Append(buffer[..Rune.ToLowerInvariant(rune).EncodeToUtf16(buffer)]);
        string result = lower.ToString();
        return text.SequenceEqual(result) ? null : result;
    }
}

/// <summary>Puts something in front of every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : TextNormalizer
{
    public override string? TryNormalize(ReadOnlySpan<char> text) =>
        text.IsEmpty || prefix.Length == 0 ? null : string.Concat(prefix, text);
}

/// <summary>Takes white space off the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : TextNormalizer
{
    public override string? TryNormalize(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> stripped = left ? text.TrimStart() : text;
        if (right) stripped = stripped.TrimEnd();
        return stripped.Length == text.Length ? null : stripped.ToString();
    }
}

/// <summary>Replaces every occurrence of a text.</summary>
internal sealed class ReplaceNormalizer(string pattern, string content) : TextNormalizer
{
    public override string? TryNormalize(ReadOnlySpan<char> text) =>
        pattern.Length == 0 || !text.Contains(pattern, StringComparison.Ordinal)
            ? null
            : text.ToString().Replace(pattern, content, StringComparison.Ordinal);
}

/// <summary>Replaces every match of a regular expression; the replacement is written as it is.</summary>
internal sealed class RegexReplaceNormalizer(Regex pattern, string content) : TextNormalizer
{
    public override string? TryNormalize(ReadOnlySpan<char> text) =>
        pattern.IsMatch(text) ? pattern.Replace(text.ToString(), _ => content) : null;
}
