using System.Text.Json;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>JSON out of values and back. As in Hugging Face's environment, nothing is escaped for HTML or to ASCII unasked.</summary>
internal static class JsonFilters
{
    public const string FromJson = "from_json";

    public static readonly IReadOnlyDictionary<string, Builtin> All = new Dictionary<string, Builtin>
    {
        ["tojson"] = new("ensure_ascii indent separators sort_keys", ToJson),
        [FromJson] = new("", Parse),
    };

    private static Value ToJson(RenderState state, Value value, Arguments a)
    {
        string? indent = a[1] switch
        {
            null or NoneValue => null,
            StringValue text => text.Text,
            var count => new string(' ', Math.Clamp(Numbers.RequireInt(count), 0, FormatSpec.WidthLimit)),
        };
        (string item, string key) = (indent is null ? ", " : ",", ": ");
        if (!a.IsNone(2))
        {
            List<Value> pair = state.Collect(a[2]!.Iterate());
            (item, key) = pair is [StringValue first, StringValue second]
                ? (first.Text, second.Text)
                : throw TemplateException.Value("separators must be a pair of texts");
        }
        JsonLayout layout =
            new(indent, item, key, IsAscii: a.Flag(0), SortsKeys: a.Flag(3), TakesLazySequences: state.Reading == TemplateReading.Lenient);
        return new JsonWriter(layout, state.Budget).ToText(value);
    }

    private static Value Parse(RenderState state, Value value, Arguments a)
    {
        if (value is not StringValue text)
            throw TemplateException.Type($"the JSON object must be str, not {value.TypeName}");
        state.Budget.TakeCharacters(text.Text.Length);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.Text);
            return JsonReader.Read(document.RootElement, text.HasInput);
        }
        catch (JsonException)
        {
            throw TemplateException.Value("from_json met a text that is no JSON");
        }
    }
}
