using System.Globalization;
using System.Text;

namespace LocalInference.Text.Parsing;

/// <summary>Texts inside JSON that is built piece by piece.</summary>
internal static class JsonText
{
    public static string Quote(string text) => $"\"{Escape(text)}\"";

    /// <summary>Escapes what JSON must have escaped, character by character, so that pieces can be put together.</summary>
    public static string Escape(ReadOnlySpan<char> text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char character in text)
            switch (character)
            {
                case '"' or '\\': escaped.Append('\\').Append(character); break;
                case '\n': escaped.Append("\\n"); break;
                case '\r': escaped.Append("\\r"); break;
                case '\t': escaped.Append("\\t"); break;
                case < ' ': escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"); break;
                default: escaped.Append(character); break;
            }
        return escaped.ToString();
    }
}
