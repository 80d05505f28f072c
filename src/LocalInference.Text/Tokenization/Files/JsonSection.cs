using System.Text.Json;

namespace LocalInference.Text.Tokenization.Files;

/// <summary>
/// A value of a JSON file that remembers where it stands, so that every complaint names the file, the key, what was found and what is
/// allowed.
/// </summary>
/// <param name="File">The file's path.</param>
/// <param name="Key">Where in it, for example <c>pre_tokenizer.pretokenizers[2].pattern</c>.</param>
/// <param name="Value">The value; undefined where the key is absent.</param>
internal readonly record struct JsonSection(string File, string Key, JsonElement Value)
{
    /// <summary>Whether there is nothing here: no key, or null.</summary>
    public bool IsAbsent => Value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The value of its <c>type</c>.</summary>
    public string Type => this["type"].Text();

    /// <summary>The value of a key of this object; absent where it has none.</summary>
    public JsonSection this[string name]
    {
        get
        {
            if (Value.ValueKind != JsonValueKind.Object) throw Error("an object");
            string key = Key.Length == 0 ? name : $"{Key}.{name}";
            return new JsonSection(File, key, Value.TryGetProperty(name, out JsonElement value) ? value : default);
        }
    }

    /// <summary>The elements of this array.</summary>
    public IReadOnlyList<JsonSection> Elements()
    {
        if (Value.ValueKind != JsonValueKind.Array) throw Error("an array");
        var elements = new List<JsonSection>(Value.GetArrayLength());
        foreach (JsonElement element in Value.EnumerateArray()) elements.Add(new JsonSection(File, $"{Key}[{elements.Count}]", element));
        return elements;
    }

    /// <summary>The text here.</summary>
    public string Text() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Error("a string");

    /// <summary>The whole number here, at least 0.</summary>
    public int Number()
    {
        bool isNumber = Value.ValueKind == JsonValueKind.Number;
        return isNumber && Value.TryGetInt32(out int number) && number >= 0 ? number : throw Error("a whole number of at least 0");
    }

    /// <summary>The truth value here; <paramref name="absent"/> where there is none.</summary>
    public bool Flag(bool absent) => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Undefined or JsonValueKind.Null => absent,
        _ => throw Error("true or false"),
    };

    /// <summary>A complaint about what stands here.</summary>
    /// <param name="allowed">What is allowed, and what to do where that is not clear.</param>
    public InvalidDataException Error(string allowed) => ErrorAt(File, Key, Describe(), allowed);

    /// <summary>A complaint about a value of a file.</summary>
    public static InvalidDataException ErrorAt(string file, string key, string found, string allowed) =>
        new($"{file}: '{key}' is {found}; allowed: {allowed}.");

    private string Describe()
    {
        if (Value.ValueKind == JsonValueKind.Undefined) return "absent";
        string raw = Value.GetRawText();
        return raw.Length <= 100 ? raw : raw[..100] + "…";
    }
}
