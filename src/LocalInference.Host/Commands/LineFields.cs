using System.Text.Json;

namespace LocalInference.Host.Commands;

/// <summary>Reads the few fields of the text commands' lines; a fault is a sentence for the line's error.</summary>
internal static class LineFields
{
    /// <summary>A field that must be a text.</summary>
    public static bool TryText(JsonElement line, string name, out string text, out string fault)
    {
        (text, fault) = ("", "");
        if (!line.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.String)
        {
            fault = $"{name}: found {Kind(value)}, allowed is a string.";
            return false;
        }
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // An escape such as \ud800 alone: valid JSON, but no Unicode text.
            fault = $"{name}: holds half of a surrogate pair, which is no character.";
            return false;
        }
    }

    /// <summary>A field that must be an array of token ids; ids outside the vocabulary are for the tokenizer to judge.</summary>
    public static bool TryIds(JsonElement line, string name, out int[] ids, out string fault)
    {
        (ids, fault) = ([], "");
        if (line.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out _)))
        {
            ids = [.. value.EnumerateArray().Select(id => id.GetInt32())];
            return true;
        }
        fault = $"{name}: found {Kind(value)}, allowed is an array of token ids.";
        return false;
    }

    private static string Kind(JsonElement value) =>
        value.ValueKind == JsonValueKind.Undefined ? "nothing" : $"a JSON {value.ValueKind.ToString().ToLowerInvariant()}";
}
