using System.Globalization;
using System.Text;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>
/// Python's <c>str(x)</c> and <c>repr(x)</c>. What is made of a collection mixes its texts, so it is input if any of them is.
/// </summary>
internal static class PythonText
{
    public static StringValue Str(Value value, RenderBudget budget) => value switch
    {
        StringValue text => text,
        UndefinedValue => StringValue.Empty,
        _ => Repr(value, budget),
    };

    public static StringValue Repr(Value value, RenderBudget budget)
    {
        ReprWriter writer = new(budget);
        writer.Write(value);
        return writer.ToValue();
    }

    private sealed class ReprWriter(RenderBudget budget)
    {
        private readonly StringBuilder _text = new();
        private bool _hasInput;

        public StringValue ToValue() => new(_text.ToString(), _hasInput);

        public void Write(Value value)
        {
            budget.Enter();
            int start = _text.Length;
            switch (value)
            {
                case StringValue text:
                    _hasInput |= text.HasInput;
                    WriteQuoted(text.Text);
                    break;
                case ListValue list:
                    WriteAll(list.IsTuple ? "(" : "[", list.Elements, list.IsTuple ? list.Elements.Count == 1 ? ",)" : ")" : "]");
                    break;
                case MappingValue mapping:
                    WriteMapping(mapping);
                    break;
                case ViewValue view:
                    WriteAll(view.TypeName + "([", view.Items, "])");
                    break;
                case NamespaceValue space:
                    _text.Append("<Namespace ");
                    WriteMapping(space.Entries);
                    _text.Append('>');
                    break;
                default:
                    _text.Append(Plain(value));
                    break;
            }
            budget.TakeCharacters(Math.Max(1, _text.Length - start));
            budget.Leave();
        }

        private static string Plain(Value value) => value switch
        {
            NoneValue => "None",
            BoolValue flag => flag.Flag ? "True" : "False",
            IntegerValue integer => integer.Number.ToString(CultureInfo.InvariantCulture),
            FloatValue real => FloatText.Repr(real.Number),
            UndefinedValue => "Undefined",
            RangeValue range => range.Step.IsOne ? $"range({range.Start}, {range.Stop})" : $"range({range.Start}, {range.Stop}, {range.Step})",
            _ => $"<{value.Described}>",
        };

        private void WriteAll(string open, IEnumerable<Value> elements, string close)
        {
            _text.Append(open);
            bool isFirst = true;
            foreach (Value element in elements)
            {
                if (!isFirst)
                    _text.Append(", ");
                isFirst = false;
                Write(element);
            }
            _text.Append(close);
        }

        private void WriteMapping(MappingValue mapping)
        {
            _text.Append('{');
            for (int i = 0; i < mapping.Entries.Count; i++)
            {
                if (i > 0)
                    _text.Append(", ");
                Write(mapping.Entries[i].Key);
                _text.Append(": ");
                Write(mapping.Entries[i].Value);
            }
            _text.Append('}');
        }

        private void WriteQuoted(string text)
        {
            char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
            _text.Append(quote);
            for (int at = 0, size; at < text.Length; at += size)
            {
                size = CodePoints.SizeAt(text, at);
                if (text[at] == quote || text[at] == '\\')
                    _text.Append('\\').Append(text[at]);
                else if (IsPrintable(text, at))
                    _text.Append(text, at, size);
                else
                    _text.Append(Escape(size == 2 ? char.ConvertToUtf32(text, at) : text[at]));
            }
            _text.Append(quote);
        }

        private static string Escape(int codePoint) => codePoint switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            < 0x100 => $"\\x{codePoint:x2}",
            < 0x10000 => $"\\u{codePoint:x4}",
            _ => $"\\U{codePoint:x8}",
        };

        private static bool IsPrintable(string text, int at) => text[at] == ' ' || CharUnicodeInfo.GetUnicodeCategory(text, at) is not
            (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
    }
}
