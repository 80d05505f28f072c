using System.Globalization;
using System.Text;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Filters for HTML and addresses. Nothing is escaped unasked, so <c>safe</c> changes nothing.</summary>
internal static class MarkupFilters
{
    public static readonly IReadOnlyDictionary<string, Builtin> All = new Dictionary<string, Builtin>
    {
        ["safe"] = new("", static (state, value, _) => state.Text(value)),
        ["escape"] = new("", static (state, value, _) => Escape(state, value)),
        ["e"] = new("", static (state, value, _) => Escape(state, value)),
        ["forceescape"] = new("", static (state, value, _) => Escape(state, value)),
        ["striptags"] = new("", StripTags),
        ["urlencode"] = new("", static (state, value, _) => value is StringValue || value.Items is null
            ? EncodeText(state.Text(value), isQuery: false)
            : EncodePairs(state, value is MappingValue mapping ? CollectionMethods.Pairs(mapping) : value.Items)),
        ["xmlattr"] = new("autospace", XmlAttributes),
    };

    private static StringValue Escape(RenderState state, Value value)
    {
        StringValue text = state.Text(value);
        TextBuilder escaped = new(state.Budget);
        for (int i = 0; i < text.Text.Length; i++)
        {
            string? entity =
                text.Text[i] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&#34;", '\'' => "&#39;", _ => null };
            if (entity is null)
                escaped.Append(text.Slice(i, 1));
            else
                escaped.Append(entity, text.IsInputAt(i));
        }
        return escaped.ToValue();
    }

    private static Value StripTags(RenderState state, Value value, Arguments a)
    {
        StringValue text = state.Text(value);
        string bare = System.Net.WebUtility.HtmlDecode(Without("<", ">", Without("<!--", "-->", text.Text)));
        return text.Derive(string.Join(' ', bare.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    private static StringValue EncodePairs(RenderState state, IEnumerable<Value> items)
    {
        IEnumerable<StringValue> pairs = items.Select(item => state.Collect(item.Iterate()) is [var key, var value]
            ? new TextBuilder(state.Budget)
                .Append(EncodeText(state.Text(key), isQuery: true))
                .Append("=", isInput: false)
                .Append(EncodeText(state.Text(value), isQuery: true))
                .ToValue()
            : throw TemplateException.Value("urlencode needs a text, a mapping or pairs"));
        return StringMethods.Join(state, new StringValue("&", isInput: false), pairs);
    }

    private static StringValue EncodeText(StringValue text, bool isQuery)
    {
        StringBuilder encoded = new();
        foreach (byte unit in Encoding.UTF8.GetBytes(text.Text))
            if (char.IsAsciiLetterOrDigit((char)unit) || "_.-~".Contains((char)unit, StringComparison.Ordinal) || (unit == '/' && !isQuery))
                encoded.Append((char)unit);
            else
                encoded.Append(isQuery && unit == ' ' ? "+" : "%" + unit.ToString("X2", CultureInfo.InvariantCulture));
        return text.Derive(encoded.ToString());
    }

    private static Value XmlAttributes(RenderState state, Value value, Arguments a)
    {
        if (value is not MappingValue mapping)
            throw TemplateException.Type($"xmlattr needs a mapping, not {value.TypeName}");
        List<StringValue> attributes = [];
        foreach ((Value key, Value content) in mapping.Entries)
        {
            if (content is NoneValue or UndefinedValue)
                continue;
            StringValue name = state.Text(key);
            if (name.Text.AsSpan().IndexOfAny(" \t\n\r\f\v/>=") >= 0)
                throw TemplateException.Value("Invalid character in attribute name");
            TextBuilder attribute = new TextBuilder(state.Budget).Append(Escape(state, name)).Append("=\"", isInput: false);
            attributes.Add(attribute.Append(Escape(state, content)).Append("\"", isInput: false).ToValue());
        }
        StringValue joined = StringMethods.Join(state, new StringValue(" ", isInput: false), attributes);
        bool isSpaced = (a[0]?.IsTrue ?? true) && joined.IsTrue;
        return isSpaced ? new TextBuilder(state.Budget).Append(" ", isInput: false).Append(joined).ToValue() : joined;
    }

    // Takes out what stands between two markers, the markers included.
    private static string Without(string begin, string end, string text)
    {
        StringBuilder kept = new();
        int done = 0;
        while (text.IndexOf(begin, done, StringComparison.Ordinal) is var start and >= 0
            && text.IndexOf(end, start + begin.Length, StringComparison.Ordinal) is var stop and >= 0)
        {
            kept.Append(text, done, start - done);
            done = stop + end.Length;
        }
        return kept.Append(text, done, text.Length - done).ToString();
    }
}
