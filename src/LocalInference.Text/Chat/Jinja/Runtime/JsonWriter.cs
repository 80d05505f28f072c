using System.Globalization;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>How <c>tojson</c> lays its text out.</summary>
/// <param name="Indent">What one level is indented by; null writes one line.</param>
/// <param name="ItemSeparator">Between elements.</param>
/// <param name="KeySeparator">Between key and value.</param>
/// <param name="IsAscii">Whether characters beyond ASCII are escaped.</param>
/// <param name="SortsKeys">Whether keys are sorted.</param>
/// <param name="TakesLazySequences">Whether what a lazy filter gives is written as a list (Python's refuses it).</param>
internal sealed record JsonLayout(
    string? Indent, string ItemSeparator, string KeySeparator, bool IsAscii, bool SortsKeys, bool TakesLazySequences);

/// <summary>Python's <c>json.dumps</c>.</summary>
internal sealed class JsonWriter(JsonLayout layout, RenderBudget budget) : ValueWriter(budget)
{
    private int _level;

    protected override void WriteOther(Value value)
    {
        switch (value)
        {
            case ListValue list:
                WriteBlock('[', list.Elements, Write, ']');
                break;
            case MappingValue mapping:
                WriteBlock('{', layout.SortsKeys ? Sorted(mapping) : mapping.Entries, WriteEntry, '}');
                break;
            case GeneratorValue lazy when layout.TakesLazySequences:
                WriteBlock('[', [.. lazy.Items], Write, ']');
                break;
            default:
                Text.Append(Scalar(value) ?? throw TemplateException.Type($"Object of type {value.TypeName} is not JSON serializable"));
                break;
        }
    }

    private static string? Scalar(Value value) => value switch
    {
        NoneValue => "null",
        BoolValue flag => flag.Flag ? "true" : "false",
        IntegerValue integer => integer.Number.ToString(CultureInfo.InvariantCulture),
        FloatValue { Number: double.NaN } => "NaN",
        FloatValue { Number: double.PositiveInfinity } => "Infinity",
        FloatValue { Number: double.NegativeInfinity } => "-Infinity",
        FloatValue real => FloatText.Repr(real.Number),
        _ => null,
    };

    private void WriteBlock<T>(char open, IReadOnlyList<T> elements, Action<T> write, char close)
    {
        Text.Append(open);
        _level++;
        for (int i = 0; i < elements.Count; i++)
        {
            if (i > 0)
                Text.Append(layout.ItemSeparator);
            NewLine();
            write(elements[i]);
        }
        _level--;
        if (elements.Count > 0)
            NewLine();
        Text.Append(close);
    }

    private void NewLine()
    {
        if (layout.Indent is not { } indent)
            return;
        Text.Append('\n');
        for (int i = 0; i < _level; i++)
            Text.Append(indent);
    }

    private void WriteEntry(KeyValuePair<Value, Value> entry)
    {
        if (entry.Key is StringValue text)
            WriteText(text);
        else
            WriteQuoted(Scalar(entry.Key)
                ?? throw TemplateException.Type($"keys must be str, int, float, bool or None, not {entry.Key.TypeName}"));
        Text.Append(layout.KeySeparator);
        Write(entry.Value);
    }

    private static List<KeyValuePair<Value, Value>> Sorted(MappingValue mapping)
    {
        List<KeyValuePair<Value, Value>> entries = [.. mapping.Entries];
        if (entries.Exists(static entry => entry.Key is not StringValue))
            throw TemplateException.Type("sort_keys needs keys that are all texts");
        entries.Sort(static (a, b) => CodePoints.Compare(((StringValue)a.Key).Text, ((StringValue)b.Key).Text));
        return entries;
    }

    protected override void WriteQuoted(string text)
    {
        Text.Append('"');
        foreach (char character in text)
            switch (character)
            {
                case '"': Text.Append("\\\""); break;
                case '\\': Text.Append("\\\\"); break;
                case '\n': Text.Append("\\n"); break;
                case '\r': Text.Append("\\r"); break;
                case '\t': Text.Append("\\t"); break;
                case '\f': Text.Append("\\f"); break;
                case '\b': Text.Append("\\b"); break;
                case < ' ': Text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"); break;
                case > '~' when layout.IsAscii: Text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"); break;
                default: Text.Append(character); break;
            }
        Text.Append('"');
    }
}
