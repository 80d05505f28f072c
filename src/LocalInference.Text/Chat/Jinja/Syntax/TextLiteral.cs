using System.Globalization;
using System.Text;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>Python's escapes in text literals. An unknown one stays as it is written.</summary>
internal static class TextLiteral
{
    public static string Unescape(ReadOnlySpan<char> written, int line)
    {
        if (!written.Contains('\\'))
            return written.ToString();
        StringBuilder text = new(written.Length);
        for (int at = 0; at < written.Length;)
        {
            if (written[at] != '\\')
                text.Append(written[at++]);
            else
                at += 1 + AppendEscape(text, written[(at + 1)..], line);
        }
        return text.ToString();
    }

    // Gives how many characters after the backslash belong to the escape.
    private static int AppendEscape(StringBuilder text, ReadOnlySpan<char> rest, int line)
    {
        switch (rest[0])
        {
            case '\n': return 1;
            case '\\' or '\'' or '"': text.Append(rest[0]); return 1;
            case 'n': text.Append('\n'); return 1;
            case 't': text.Append('\t'); return 1;
            case 'r': text.Append('\r'); return 1;
            case 'a': text.Append('\a'); return 1;
            case 'b': text.Append('\b'); return 1;
            case 'f': text.Append('\f'); return 1;
            case 'v': text.Append('\v'); return 1;
            case 'x': return 1 + AppendHex(text, rest[1..], 2, line);
            case 'u': return 1 + AppendHex(text, rest[1..], 4, line);
            case 'U': return 1 + AppendHex(text, rest[1..], 8, line);
            case >= '0' and <= '7': return AppendOctal(text, rest);
            case 'N': throw TemplateException.Syntax("Characters by name (\\N{…}) are not supported; write \\uXXXX", line);
            default: text.Append('\\').Append(rest[0]); return 1;
        }
    }

    private static int AppendHex(StringBuilder text, ReadOnlySpan<char> rest, int digits, int line)
    {
        uint codePoint = 0;
        bool isHex = rest.Length >= digits
            && uint.TryParse(rest[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out codePoint);
        if (!isHex || codePoint > 0x10FFFF)
            throw TemplateException.Syntax("A text holds an incomplete or impossible hexadecimal escape", line);
        text.Append(codePoint < 0x10000 ? ((char)codePoint).ToString() : char.ConvertFromUtf32((int)codePoint));
        return digits;
    }

    private static int AppendOctal(StringBuilder text, ReadOnlySpan<char> rest)
    {
        int value = 0, digits = 0;
        while (digits < 3 && digits < rest.Length && rest[digits] is >= '0' and <= '7')
            value = value * 8 + (rest[digits++] - '0');
        text.Append((char)value);
        return digits;
    }
}
