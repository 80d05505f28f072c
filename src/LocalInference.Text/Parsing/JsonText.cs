using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LocalInference.Text.Parsing;

/// <summary>JSON as models write it and as calls are put together from it: in pieces, and not always valid.</summary>
internal static partial class JsonText
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

    /// <summary>What a JSON string says; null where the text is none.</summary>
    public static string? Decode(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Strings.Default.String);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a text is one JSON value.</summary>
    public static bool IsValid(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Reads without reflection.
    [JsonSerializable(typeof(string))]
    private sealed partial class Strings : JsonSerializerContext;
}
