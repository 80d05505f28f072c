using System.Globalization;
using System.Text;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>How <c>tojson</c> lays its text out.</summary>
/// <param name="Indent">What one level is indented by; null writes one line.</param>
/// <param name="ItemSeparator">Between elements.</param>
/// <param name="KeySeparator">Between key and value.</param>
/// <param name="IsAscii">Whether characters beyond ASCII are escaped.</param>
/// <param name="SortsKeys">Whether keys are sorted.</param>
/// <param name="TakesLazySequences">Whether what a lazy filter gives is written as a list (Python's refuses it).</param>
internal sealed record JsonLayout(string? Indent, string ItemSeparator, string KeySeparator, bool IsAscii, bool SortsKeys, bool TakesLazySequences);

/// <summary>Python's <c>json.dumps</c>. The text mixes its parts, so it is input if any of them is.</summary>
internal sealed class JsonWriter(JsonLayout layout, RenderBudget budget)
{
    private readonly StringBuilder _text = new();
    private bool _hasInput;
    private int _level;

    public static StringValue Write(Value value, JsonLayout layout, RenderBudget budget)
    {
        JsonWriter writer = new(layout, budget);
        writer.Write(value);
        return new StringValue(writer._text.ToString(), writer._hasInput);
    }

    private void Write(Value value)
    {
        budget.Enter();
        int start = _text.Length;
        switch (value)
        {
            case StringValue text:
                _hasInput |= text.HasInput;
                WriteString(text.Text);
                break;
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
                _text.Append(Scalar(value) ?? throw TemplateException.Type($"Object of type {value.TypeName} is not JSON serializable"));
                break;
        }
        budget.TakeCharacters(Math.Max(1, _text.Length - start));
        budget.Leave();
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
        _text.Append(open);
        _level++;
        for (int i = 0; i < elements.Count; i++)
        {
            if (i > 0)
                _text.Append(layout.ItemSeparator);
            NewLine();
            write(elements[i]);
        }
        _level--;
        if (elements.Count > 0)
            NewLine();
        _text.Append(close);
    }

    private void NewLine()
    {
        if (layout.Indent is not { } indent)
            return;
        _text.Append('\n');
        for (int i = 0; i < _level; i++)
            _text.Append(indent);
    }

    private void WriteEntry(KeyValuePair<Value, Value> entry)
    {
        if (entry.Key is StringValue text)
        {
            _hasInput |= text.HasInput;
            WriteString(text.Text);
        }
        else
            WriteString(Scalar(entry.Key) ?? throw TemplateException.Type($"keys must be str, int, float, bool or None, not {entry.Key.TypeName}"));
        _text.Append(layout.KeySeparator);
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

    private void WriteString(string text)
    {
        _text.Append('"');
        foreach (char character in text)
            switch (character)
            {
                case '"': _text.Append("\\\""); break;
                case '\\': _text.Append("\\\\"); break;
                case '\n': _text.Append("\\n"); break;
                case '\r': _text.Append("\\r"); break;
                case '\t': _text.Append("\\t"); break;
                case '\f': _text.Append("\\f"); break;
                case '\b': _text.Append("\\b"); break;
                case < ' ': _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"); break;
                case > '~' when layout.IsAscii: _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"); break;
                default: _text.Append(character); break;
            }
        _text.Append('"');
    }
}
