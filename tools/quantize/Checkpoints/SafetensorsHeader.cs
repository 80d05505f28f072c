using System.Text.Json;

namespace LocalInference.Quantize.Checkpoints;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Type">Of its elements; null where this tool does not know it.</param>
/// <param name="TypeName">As the header says it.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Offset">Bytes from the file's start.</param>
/// <param name="End">The first byte behind it.</param>
internal sealed record SafetensorsEntry(ElementType? Type, string TypeName, long[] Shape, long Offset, long End);

/// <summary>
/// The JSON at the start of a safetensors file, checked so that no tensor can be read from where it is not: types, shapes and places agree,
/// and the tensors fill the file without gaps, as the format demands.
/// </summary>
/// <param name="dataStart">Bytes before the data: what the header's own offsets count from.</param>
/// <param name="fileLength">Bytes of the file.</param>
/// <param name="fault">Makes the error out of what was found and expected.</param>
internal sealed class SafetensorsHeader(long dataStart, long fileLength, Func<string, Exception?, QuantizeException> fault)
{
    private const string Metadata = "__metadata__";

    /// <summary>Reads all entries.</summary>
    public Dictionary<string, SafetensorsEntry> Read(ReadOnlySpan<byte> json)
    {
        var entries = new Dictionary<string, SafetensorsEntry>();
        try
        {
            var reader = new Utf8JsonReader(json);
            using JsonDocument header = JsonDocument.ParseValue(ref reader);
            foreach (JsonProperty property in header.RootElement.EnumerateObject().Where(p => p.Name != Metadata))
                if (!entries.TryAdd(property.Name, ReadEntry(property)))
                    throw fault($"tensor '{property.Name}' stands twice in the header; expected: once", null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw fault($"its header is no valid safetensors header ({e.Message.TrimEnd('.')}); expected: a JSON object of tensors", e);
        }
        CheckPlaces(entries);
        return entries;
    }

    private SafetensorsEntry ReadEntry(JsonProperty property)
    {
        JsonElement entry = property.Value;
        string name = property.Name;
        if (entry.ValueKind != JsonValueKind.Object)
            throw fault($"tensor '{name}' is {entry.GetRawText()}; expected: an object with dtype, shape and data_offsets", null);
        if (!entry.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String)
            throw fault($"tensor '{name}' has no dtype; expected: a text such as BF16", null);
        long[] shape = Numbers(entry, name, "shape"), offsets = Numbers(entry, name, "data_offsets");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
            throw fault($"tensor '{name}' has the data_offsets [{string.Join(", ", offsets)}]; expected: its first byte and the byte "
                + $"behind its last, from 0 on", null);
        if (offsets[1] > fileLength - dataStart)
            throw fault($"tensor '{name}' ends at byte {(decimal)dataStart + offsets[1]}, but the file has only {fileLength} bytes (a "
                + $"download that broke off?)", null);
        ElementType? known = Enum.GetValues<ElementType>().Cast<ElementType?>().FirstOrDefault(t =>
            t!.Value.SafetensorsName() == type.GetString());
        if (known is { } sized)
            CheckSize(name, shape, sized, offsets[1] - offsets[0]);
        return new SafetensorsEntry(known, type.GetString()!, shape, dataStart + offsets[0], dataStart + offsets[1]);
    }

    private long[] Numbers(JsonElement entry, string name, string key)
    {
        if (entry.TryGetProperty(key, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            && list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt64(out _)))
            return [.. list.EnumerateArray().Select(e => e.GetInt64())];
        string found = list.ValueKind == JsonValueKind.Undefined ? $"no {key}" : $"the {key} {list.GetRawText()}";
        throw fault($"tensor '{name}' has {found}; expected: a list of whole numbers", null);
    }

    private void CheckSize(string name, long[] shape, ElementType type, long found)
    {
        decimal bytes = type.Size();
        foreach (long length in shape)
        {
            // Beyond any file there is no need to count on.
            bytes = Math.Min(bytes * length, long.MaxValue);
            if (length < 0 || (bytes == long.MaxValue && !shape.Contains(0)))
                throw fault($"tensor '{name}' has the shape [{string.Join(", ", shape)}]; expected: sizes of 0 or more, no more "
                    + $"elements than its {found} bytes hold", null);
        }
        if (bytes != found)
            throw fault($"tensor '{name}' has {found} bytes, but its shape [{string.Join(", ", shape)}] of {type.SafetensorsName()} "
                + $"takes {bytes}", null);
    }

    /// <summary>Each tensor begins where the one before it ends, and the last ends with the file.</summary>
    private void CheckPlaces(Dictionary<string, SafetensorsEntry> entries)
    {
        long end = dataStart;
        string before = "";
        foreach ((string name, SafetensorsEntry entry) in entries.OrderBy(e => e.Value.Offset).ThenBy(e => e.Value.End))
        {
            if (entry.Offset != end)
                throw fault(
                    $"tensor '{name}' begins at byte {entry.Offset - dataStart} of the data; expected: {end - dataStart}, where "
                        + $"{(before.Length == 0 ? "the data begins" : $"tensor '{before}' ends")}",
                    null);
            (end, before) = (entry.End, name);
        }
        if (end != fileLength)
            throw fault($"{fileLength - end} bytes stand behind "
                + $"{(before.Length == 0 ? "a header without tensors" : $"the last tensor, '{before}'")}; expected: none", null);
    }
}
