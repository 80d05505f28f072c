using System.Globalization;
using System.Text;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>Reads the JSON strings that System.Text.Json will not: escapes that spell half a character.</summary>
internal static class LoneSurrogates
{
    /// <summary>A raw JSON string with its quotes; halves become U+FFFD.</summary>
    public static string Unescape(string raw)
    {
        StringBuilder text = new(raw.Length);
        for (int at = 1; at < raw.Length - 1; at++)
        {
            if (raw[at] != '\\')
            {
                text.Append(raw[at]);
                continue;
            }
            char letter = raw[++at];
            text.Append(letter switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', _ => letter });
            if (letter == 'u')
            {
                text[^1] = (char)ushort.Parse(raw.AsSpan(at + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                at += 4;
            }
        }
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                text[i] = '\uFFFD';
        }
        return text.ToString();
    }
}
