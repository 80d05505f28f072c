using System.Globalization;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Python's <c>str.format</c>, whose fields reach into objects by the sandbox's rules only.</summary>
internal sealed class BraceFormat(RenderState state, CallArguments arguments)
{
    private static readonly StringValue Blank = new(" ", isInput: false);

    private int _automatic;

    public static StringValue Apply(RenderState state, StringValue format, CallArguments arguments) =>
        new BraceFormat(state, arguments).Expand(format, nesting: 2);

    // Fields may stand inside a field's own specification, one level deep, as in Python.
    private StringValue Expand(StringValue format, int nesting)
    {
        if (nesting == 0)
            throw TemplateException.Value("Max string recursion exceeded");
        TextBuilder text = new(state.Budget);
        string s = format.Text;
        for (int at = 0; at < s.Length;)
        {
            int next = s.AsSpan(at).IndexOfAny('{', '}');
            next = next < 0 ? s.Length : at + next;
            text.Append(format.Slice(at..next));
            if (next == s.Length)
                break;
            if (next + 1 < s.Length && s[next + 1] == s[next])
            {
                text.Append(format.Slice(next, 1));
                at = next + 2;
                continue;
            }
            if (s[next] == '}')
                throw TemplateException.Value("Single '}' encountered in format string");
            int end = EndOfField(s, next);
            text.Append(Field(format.Slice((next + 1)..end), nesting));
            at = end + 1;
        }
        return text.ToValue();
    }

    private static int EndOfField(string text, int start)
    {
        int depth = 0;
        for (int at = start; at < text.Length; at++)
        {
            depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
            if (depth == 0)
                return at;
        }
        throw TemplateException.Value("Single '{' encountered in format string");
    }

    private StringValue Field(StringValue field, int nesting)
    {
        string s = field.Text;
        int colon = s.IndexOf(':', StringComparison.Ordinal);
        string head = colon < 0 ? s : s[..colon];
        int mark = head.IndexOf('!', StringComparison.Ordinal);
        Value value = Find(mark < 0 ? head : head[..mark]);
        if (mark >= 0)
            value = head[(mark + 1)..] switch
            {
                "s" => state.Text(value),
                "r" or "a" => PythonText.Repr(value, state.Budget),
                var other => throw TemplateException.Value($"Unknown conversion specifier '{other}'"),
            };
        StringValue specification = colon < 0 ? StringValue.Empty : Expand(field.Slice((colon + 1)..), nesting - 1);
        return Write(value, specification);
    }

    private Value Find(string path)
    {
        int end = EndOfName(path, 0);
        string first = path[..end];
        if (first.Length == 0)
            first = (_automatic++).ToString(CultureInfo.InvariantCulture);
        Value value = int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int place)
            ? place < arguments.Positional.Count
                ? arguments.Positional[place]
                : throw TemplateException.Value($"Replacement index {place} out of range for positional args tuple")
            : arguments.Find(first) ?? throw TemplateException.Value($"no argument '{first}' to format");
        for (int at = end; at < path.Length;)
        {
            bool isItem = path[at] == '[';
            int stop = isItem ? path.IndexOf(']', at) : EndOfName(path, at + 1);
            if (stop < 0)
                throw TemplateException.Value("Missing ']' in format string");
            string name = path[(at + 1)..stop];
            bool isIndex = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index);
            value = !isItem ? Attributes.Get(value, name)
                : Attributes.GetItem(state, value, isIndex ? new IntegerValue(index) : new StringValue(name, isInput: false));
            at = isItem ? stop + 1 : stop;
        }
        return value;
    }

    private static int EndOfName(string path, int start)
    {
        int length = path.AsSpan(start).IndexOfAny('.', '[');
        return length < 0 ? path.Length : start + length;
    }

    private StringValue Write(Value value, StringValue specification)
    {
        if (!specification.IsTrue)
            return state.Text(value);
        FormatSpec spec = Parse(specification);
        if (value is StringValue text)
            return spec.Type is 's' or '\0'
                ? spec.Write(state.Budget, text)
                : throw TemplateException.Value($"Unknown format code '{spec.Type}' for object of type 'str'");
        return Numbers.TryGet(value, out Number number)
            ? spec.Write(state.Budget, number)
            : throw TemplateException.Type($"unsupported format string passed to {value.TypeName}.__format__");
    }

    private static FormatSpec Parse(StringValue specification)
    {
        string s = specification.Text;
        int at = 0;
        StringValue fill = Blank;
        char alignment = '\0', sign = '-', grouping = '\0';
        int size = CodePoints.SizeAt(s, 0);
        if (s.Length > size && s[size] is '<' or '>' or '^' or '=')
        {
            fill = specification.Slice(..size);
            alignment = s[size];
            at = size + 1;
        }
        else if (s[0] is '<' or '>' or '^' or '=')
            alignment = s[at++];
        if (Peek() is '+' or '-' or ' ')
            sign = s[at++];
        bool isAlternate = Take('#');
        if (Take('0') && alignment == '\0')
            (fill, alignment) = (new StringValue("0", isInput: false), '=');
        int width = FormatSpec.ReadCount(s, ref at) ?? 0;
        if (Peek() is ',' or '_')
            grouping = s[at++];
        int? precision = null;
        if (Take('.'))
            precision = FormatSpec.ReadCount(s, ref at) ?? throw TemplateException.Value("Format specifier missing precision");
        char type = Peek() ?? '\0';
        if (at + (type == '\0' ? 0 : 1) < s.Length)
            throw TemplateException.Value("Invalid format specifier");
        return new FormatSpec(fill, alignment, sign, isAlternate, width, grouping, precision, type);

        char? Peek() => at < s.Length ? s[at] : null;

        bool Take(char wanted)
        {
            bool isThere = Peek() == wanted;
            at += isThere ? 1 : 0;
            return isThere;
        }
    }
}
