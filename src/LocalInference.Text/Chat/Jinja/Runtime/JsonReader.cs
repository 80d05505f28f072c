using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>JSON into values, as Python's <c>json.loads</c> reads it.</summary>
internal static class JsonReader
{
    public static Value Read(JsonElement element, bool isInput) => element.ValueKind switch
    {
        JsonValueKind.Object => ReadObject(element, isInput),
        JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(item => Read(item, isInput))]),
        JsonValueKind.String => new StringValue(ReadString(element), isInput),
        JsonValueKind.Number => ReadNumber(element.GetRawText()),
        JsonValueKind.True => BoolValue.True,
        JsonValueKind.False => BoolValue.False,
        _ => NoneValue.Instance,
    };

    private static MappingValue ReadObject(JsonElement element, bool isInput)
    {
        MappingValue mapping = new();
        foreach (JsonProperty property in element.EnumerateObject())
            mapping.Set(new StringValue(ReadName(property), isInput), Read(property.Value, isInput));
        return mapping;
    }

    private static string ReadName(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return LoneSurrogates.Unescape($"\"{Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(property))}\"");
        }
    }

    // A lone surrogate, which JSON can spell and System.Text.Json refuses to hand out, becomes the replacement character.
    private static string ReadString(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return LoneSurrogates.Unescape(element.GetRawText());
        }
    }

    private static Value ReadNumber(string text)
    {
        if (text.AsSpan().ContainsAny('.', 'e', 'E'))
            return new FloatValue(double.Parse(text, CultureInfo.InvariantCulture));
        RenderBudget.CheckBits(text.Length * 4L);
        return new IntegerValue(BigInteger.Parse(text, CultureInfo.InvariantCulture));
    }
}
