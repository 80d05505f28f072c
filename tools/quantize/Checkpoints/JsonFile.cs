using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalInference.Quantize.Checkpoints;

/// <summary>
/// An object of a checkpoint's JSON file: typed values, with errors that name file, key, what was found and what is allowed.
/// </summary>
/// <param name="path">The file, for messages.</param>
/// <param name="prefix">The object's own key with a dot behind; empty at the top.</param>
/// <param name="json">The object.</param>
internal sealed class JsonFile(string path, string prefix, JsonObject json)
{
    public string Path => path;

    /// <summary>The object itself, to be copied from.</summary>
    public JsonObject Json => json;

    /// <summary>Reads a file whose top is an object.</summary>
    public static JsonFile Read(string path) => Parse(path, File.ReadAllBytes(path));

    /// <summary>Reads an object.</summary>
    /// <param name="path">Where it stands, for messages.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="advice">What to do where it is none.</param>
    public static JsonFile Parse(string path, ReadOnlySpan<byte> json, string advice = "Download the checkpoint again")
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is JsonObject parsed
                ? new JsonFile(path, "", parsed)
                : throw QuantizeException.At(path, "is not a JSON object", advice);
        }
        catch (JsonException e)
        {
            throw QuantizeException.At(path, $"is no valid JSON ({e.Message.TrimEnd('.')})", advice, e);
        }
    }

    public bool Has(string key) => json[key] is not null;

    public JsonFile? Object(string key) => json[key] switch
    {
        null => null,
        JsonObject value => new JsonFile(path, $"{prefix}{key}.", value),
        var other => throw Fault(key, other.ToJsonString(), "an object"),
    };

    public string? Text(string key) => json[key] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        var other => throw Fault(key, other.ToJsonString(), "a text"),
    };

    public bool Flag(string key) => json[key]?.GetValueKind() switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Fault(key, json[key]!.ToJsonString(), "true or false"),
    };

    /// <summary>A whole number that must be there.</summary>
    public int Count(string key) => OptionalCount(key) ?? throw Fault(key, "missing", "a whole number of 1 or more");

    public int? OptionalCount(string key) => Number(key) switch
    {
        null => null,
        >= 1 and <= int.MaxValue and var number when number == Math.Floor(number) => (int)number,
        _ => throw Fault(key, json[key]!.ToJsonString(), "a whole number of 1 or more"),
    };

    public double? Number(string key) => json[key] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number =>
            double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture),
        var other => throw Fault(key, other.ToJsonString(), "a number"),
    };

    /// <summary>One token id or a list of them; null where there is none.</summary>
    public IReadOnlyList<int>? Ids(string key)
    {
        if (json[key] is not { } found)
            return null;
        JsonNode?[] nodes = found is JsonArray list ? [.. list] : [found];
        return nodes.All(n => n?.GetValueKind() == JsonValueKind.Number)
            ? [.. nodes.Select(n => (int)n!.AsValue().GetValue<double>())]
            : throw Fault(key, found.ToJsonString(), "a token id or a list of them");
    }

    public QuantizeException Fault(string key, string found, string allowed) =>
        QuantizeException.At(path, $"{prefix}{key} is {found}; allowed: {allowed}", "Correct the file, or download the checkpoint again");
}
