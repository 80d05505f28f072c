using System.Globalization;
using System.Text.Json;

namespace LocalInference.Api.Wire;

/// <summary>
/// One JSON object, read field by field. A field that is absent or JSON's null was not asked for; one of the wrong kind or out of range is
/// a fault and reads as null. Remembers what was read, so that the rest can be reported.
/// </summary>
internal sealed class Fields(JsonElement json, string path, Findings findings)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>The fields of an element of an array; null, and a fault, when it is no object.</summary>
    /// <param name="element">The element.</param>
    /// <param name="path">Its name from the request's top.</param>
    /// <param name="findings">Told of the fault.</param>
    /// <param name="allowed">What should stand there.</param>
    public static Fields? Of(JsonElement element, string path, Findings findings, string allowed = "an object")
    {
        if (element.ValueKind == JsonValueKind.Object) return new Fields(element, path, findings);
        findings.Invalid(path, element, allowed);
        return null;
    }

    /// <summary>The field's name as the client would write it, from the request's top.</summary>
    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>The field's value, of whatever kind.</summary>
    public bool TryFind(string name, out JsonElement value)
    {
        _read.Add(name);
        return json.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    public bool? Boolean(string name)
    {
        if (!TryFind(name, out JsonElement value)) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        findings.Invalid(PathOf(name), value, "true or false");
        return null;
    }

    public string? Text(string name, string allowed = "a string")
    {
        if (!TryFind(name, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        findings.Invalid(PathOf(name), value, allowed);
        return null;
    }

    /// <summary>A string that must be there; it may be empty.</summary>
    public string? RequiredString(string name, string allowed = "a string")
    {
        if (TryFind(name, out JsonElement value) && value.ValueKind == JsonValueKind.String) return value.GetString();
        findings.Invalid(PathOf(name), value, allowed);
        return null;
    }

    /// <summary>A field that can only be this one word, and must be there.</summary>
    public bool RequiredWord(string name, string word)
    {
        if (TryFind(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() == word) return true;
        findings.Invalid(PathOf(name), value, $"\"{word}\"");
        return false;
    }

    /// <summary>An object that must be there.</summary>
    public Fields? RequiredObject(string name, string allowed)
    {
        TryFind(name, out JsonElement value);
        return Of(value, PathOf(name), findings, allowed);
    }

    /// <summary>A string that must be there and say something.</summary>
    public string? RequiredText(string name)
    {
        const string Allowed = "a string of at least one character";
        if (!TryFind(name, out JsonElement value))
        {
            findings.Invalid(PathOf(name), "nothing", Allowed);
            return null;
        }
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text) return text;
        findings.Invalid(PathOf(name), value, Allowed);
        return null;
    }

    public long? Integer(string name, long min, long max)
    {
        if (!TryFind(name, out JsonElement value)) return null;
        if (IsInteger(value, min, max, out long number)) return number;
        findings.Invalid(PathOf(name), value, IntegerRange(min, max));
        return null;
    }

    /// <summary>
    /// A number from <paramref name="min"/> (itself excluded where <paramref name="aboveMin"/>) to <paramref name="max"/>.
    /// </summary>
    public double? Number(string name, double min, double max, bool aboveMin = false)
    {
        if (!TryFind(name, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number)
            && (aboveMin ? number > min : number >= min) && number <= max)
            return number;
        string from = aboveMin ? "above" : "from";
        findings.Invalid(PathOf(name), value, string.Create(CultureInfo.InvariantCulture, $"a number {from} {min} to {max}"));
        return null;
    }

    /// <summary>An array of at most <paramref name="max"/> elements; an absent one is empty.</summary>
    public IReadOnlyList<JsonElement> Array(string name, int max)
    {
        if (!TryFind(name, out JsonElement value)) return [];
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= max) return [.. value.EnumerateArray()];
        findings.Invalid(PathOf(name), value, $"an array of at most {max}");
        return [];
    }

    /// <summary>An array of at most <paramref name="max"/> token ids; an absent one is empty.</summary>
    public int[] TokenIds(string name, int max)
    {
        IReadOnlyList<JsonElement> elements = Array(name, max);
        int[] ids = new int[elements.Count];
        for (int i = 0; i < ids.Length; i++)
            if (IsInteger(elements[i], 0, int.MaxValue, out long id)) ids[i] = (int)id;
            else findings.Invalid($"{PathOf(name)}[{i}]", elements[i], IntegerRange(0, int.MaxValue));
        return ids;
    }

    public Fields? Object(string name)
    {
        return TryFind(name, out JsonElement value) ? Of(value, PathOf(name), findings) : null;
    }

    /// <summary>Every field, whoever reads it: for objects whose names are the client's own.</summary>
    public IEnumerable<JsonProperty> All => json.EnumerateObject();

    /// <summary>Every name that was looked for so far, in that order: what may stand here.</summary>
    public IEnumerable<string> Known => _read;

    /// <summary>Fields that hold something and that nobody has read so far.</summary>
    public IEnumerable<string> Unread => json.EnumerateObject()
        .Where(property => property.Value.ValueKind != JsonValueKind.Null && !_read.Contains(property.Name))
        .Select(property => property.Name);

    /// <summary>A whole number in range; <c>256.0</c> counts, as some clients write all numbers so.</summary>
    private static bool IsInteger(JsonElement value, long min, long max, out long number)
    {
        number = 0;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out decimal exact)) return false;
        if (exact != decimal.Truncate(exact) || exact < min || exact > max) return false;
        number = (long)exact;
        return true;
    }

    private static string IntegerRange(long min, long max) => (min, max) switch
    {
        (long.MinValue, long.MaxValue) => "a 64-bit integer",
        (_, int.MaxValue) => $"an integer, {min} or above",
        _ => $"an integer from {min} to {max}",
    };
}
