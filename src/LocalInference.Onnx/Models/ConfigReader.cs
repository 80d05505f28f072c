using System.Globalization;
using System.Text.Json;

namespace LocalInference.Onnx.Models;

/// <summary>
/// One object of <c>genai_config.json</c>: typed values with errors that name file and key, and a memory of what was read.
/// </summary>
/// <param name="file">The file's path, for messages.</param>
/// <param name="path">The object's own key, dotted; empty at the top.</param>
/// <param name="value">The object.</param>
internal sealed class ConfigReader(string file, string path, JsonElement value)
{
    private const string Advice = "Correct the file, or export the model again with onnxruntime-genai's model builder";

    private readonly HashSet<string> _read = [];

    public string KeyOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public bool Has(string name) => Find(name) is not null;

    /// <summary>An object that must be there.</summary>
    public ConfigReader Object(string name) => new(file, KeyOf(name), Required(name, JsonValueKind.Object, "an object"));

    /// <summary>An object that may be left out.</summary>
    public ConfigReader? OptionalObject(string name) => Has(name) ? Object(name) : null;

    public string Text(string name) => Required(name, JsonValueKind.String, "a text").GetString()!;

    /// <summary>A whole number that must be there.</summary>
    public int Int(string name, int least) =>
        OptionalInt(name, least) ?? throw Fault(name, "missing", $"a whole number of {least} or more");

    /// <summary>A whole number that may be left out.</summary>
    public int? OptionalInt(string name, int least)
    {
        if (Find(name) is not { } found)
            return null;
        return found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out int number) && number >= least
            ? number
            : throw Fault(name, found.GetRawText(), $"a whole number of {least} or more");
    }

    public double? OptionalNumber(string name, double least, double most)
    {
        if (Find(name) is not { } found)
            return null;
        return found.ValueKind == JsonValueKind.Number && found.GetDouble() is var number && number >= least && number <= most
            ? number
            : throw Fault(name, found.GetRawText(), string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));
    }

    public bool? OptionalBool(string name)
    {
        if (Find(name) is not { } found)
            return null;
        return found.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? found.GetBoolean()
            : throw Fault(name, found.GetRawText(), "true or false");
    }

    /// <summary>One id or a list of ids; null when left out.</summary>
    public IReadOnlyList<int>? OptionalIds(string name)
    {
        if (Find(name) is not { } found)
            return null;
        JsonElement[] elements = found.ValueKind == JsonValueKind.Array ? [.. found.EnumerateArray()] : [found];
        var ids = new int[elements.Length];
        for (int i = 0; i < ids.Length; i++)
            if (elements[i].ValueKind != JsonValueKind.Number || !elements[i].TryGetInt32(out ids[i]) || ids[i] < 0)
                throw Fault(name, found.GetRawText(), "a token id of 0 or more, or a list of them");
        return ids.Length > 0 ? ids : throw Fault(name, "an empty list", "at least one token id");
    }

    /// <summary>Keys that nothing has asked for, dotted.</summary>
    public IEnumerable<string> Unread() => value.EnumerateObject().Select(p => p.Name).Where(n => !_read.Contains(n)).Select(KeyOf);

    public ModelFolderException Fault(string name, string found, string allowed) =>
        ModelFolderException.ForKey(file, KeyOf(name), found, allowed, Advice);

    private JsonElement Required(string name, JsonValueKind kind, string allowed)
    {
        JsonElement found = Find(name) ?? throw Fault(name, "missing", allowed);
        return found.ValueKind == kind ? found : throw Fault(name, found.GetRawText(), allowed);
    }

    private JsonElement? Find(string name)
    {
        _read.Add(name);
        return value.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null ? found : null;
    }
}
