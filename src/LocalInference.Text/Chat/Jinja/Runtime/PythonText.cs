using System.Globalization;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>Python's <c>str(x)</c> and <c>repr(x)</c>.</summary>
internal static class PythonText
{
    public static StringValue Str(Value value, RenderBudget budget) => value switch
    {
        StringValue text => text,
        UndefinedValue => StringValue.Empty,
        _ => Repr(value, budget),
    };

    public static StringValue Repr(Value value, RenderBudget budget) => new ReprWriter(budget).ToText(value);

    private sealed class ReprWriter(RenderBudget budget) : ValueWriter(budget)
    {
        protected override void WriteOther(Value value)
        {
            switch (value)
            {
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
                    Text.Append("<Namespace ");
                    WriteMapping(space.Entries);
                    Text.Append('>');
                    break;
                default:
                    Text.Append(Plain(value));
                    break;
            }
        }

        private static string Plain(Value value) => value switch
        {
            NoneValue => "None",
            BoolValue flag => flag.Flag ? "True" : "False",
            IntegerValue integer => integer.Number.ToString(CultureInfo.InvariantCulture),
            FloatValue real => FloatText.Repr(real.Number),
            UndefinedValue => "Undefined",
            RangeValue range => $"range({range.Start}, {range.Stop}{(range.Step.IsOne ? "" : $", {range.Step}")})",
            _ => $"<{value.Described}>",
        };

        private void WriteAll(string open, IEnumerable<Value> elements, string close)
        {
            Text.Append(open);
            bool isFirst = true;
            foreach (Value element in elements)
            {
                if (!isFirst)
                    Text.Append(", ");
                isFirst = false;
                Write(element);
            }
            Text.Append(close);
        }

        private void WriteMapping(MappingValue mapping)
        {
            Text.Append('{');
            for (int i = 0; i < mapping.Entries.Count; i++)
            {
                if (i > 0)
                    Text.Append(", ");
                Write(mapping.Entries[i].Key);
                Text.Append(": ");
                Write(mapping.Entries[i].Value);
            }
            Text.Append('}');
        }

        protected override void WriteQuoted(string text)
        {
            char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
            Text.Append(quote);
            for (int at = 0, size; at < text.Length; at += size)
            {
                size = CodePoints.SizeAt(text, at);
                if (text[at] == quote || text[at] == '\\')
                    Text.Append('\\').Append(text[at]);
                else if (IsPrintable(text, at))
                    Text.Append(text, at, size);
                else
                    Text.Append(Escape(size == 2 ? char.ConvertToUtf32(text, at) : text[at]));
            }
            Text.Append(quote);
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
            (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.SpaceSeparator);
    }
}
