using System.Text.RegularExpressions;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Filters of text; what is no text is written as text first.</summary>
internal static partial class TextFilters
{
    private const int TruncationLeeway = 5;

    public static readonly IReadOnlyDictionary<string, Builtin> All = new Dictionary<string, Builtin>
    {
        ["string"] = new("", static (state, value, _) => state.Text(value)),
        ["upper"] = new("", static (state, value, _) => CaseText.Upper(state.Text(value), state.Budget)),
        ["lower"] = new("", static (state, value, _) => CaseText.Lower(state.Text(value), state.Budget)),
        ["title"] = new("", static (state, value, _) => CaseText.TitleWords(state.Text(value), state.Budget)),
        ["capitalize"] = new("", static (state, value, _) => CaseText.Capitalize(state.Text(value), state.Budget)),
        ["trim"] = new("chars", static (state, value, a) =>
            Splitting.Strip(state.Text(value), a.IsNone(0) ? null : a.Text(0).Text, atStart: true, atEnd: true)),
        ["replace"] = new("old! new! count", static (state, value, a) =>
            StringMethods.Replace(state, state.Text(value), state.Text(a[0]!), state.Text(a[1]!), a.IsNone(2) ? -1 : a.Int(2, -1))),
        ["center"] = new("width", static (state, value, a) =>
            Padding.Center(state.Budget, state.Text(value), a.Int(0, 80), new StringValue(" ", isInput: false))),
        ["indent"] = new("width first blank", Indent),
        ["truncate"] = new("length killwords end leeway", Truncate),
        ["wordcount"] = new("", static (state, value, _) => new IntegerValue(Word().Count(state.Text(value).Text))),
        ["wordwrap"] = new("width break_long_words wrapstring break_on_hyphens", WordWrap),
        ["format"] = new("*", Format),
        ["pprint"] = new("", static (state, value, _) => PythonText.Repr(value, state.Budget)),
    };

    private static Value Indent(RenderState state, Value value, Arguments a)
    {
        StringValue text = value as StringValue ?? throw TemplateException.Type($"indent needs a text, not {value.TypeName}");
        StringValue indent = a[0] is StringValue given
            ? given
            : new StringValue(new string(' ', Math.Clamp(a.Int(0, 4), 0, FormatSpec.WidthLimit)), isInput: false);
        // A text that ends in a newline has an empty last line: the end is part of the text to be cut.
        List<StringValue> lines = Splitting.Lines(new TextBuilder(state.Budget).Append(text).Append("\n", isInput: false).ToValue());
        TextBuilder indented = new(state.Budget);
        for (int i = 0; i < lines.Count; i++)
        {
            if (i > 0)
                indented.Append("\n", isInput: false);
            if (i == 0 ? a.Flag(1) : a.Flag(2) || lines[i].IsTrue)
                indented.Append(indent);
            indented.Append(lines[i]);
        }
        return indented.ToValue();
    }

    private static Value Truncate(RenderState state, Value value, Arguments a)
    {
        StringValue text = value as StringValue ?? throw TemplateException.Type($"truncate needs a text, not {value.TypeName}");
        StringValue end = a.Text(2, "...");
        int length = a.Int(0, 255), kept = length - end.Length!.Value;
        if (kept < 0)
            throw TemplateException.Value($"expected length >= {end.Length}, got {length}");
        if (text.Length <= (long)length + (a.IsNone(3) ? TruncationLeeway : a.Int(3, 0)))
            return text;
        StringValue start = text.Slice(..CodePoints.Starts(text.Text)[Math.Min(kept, text.Length!.Value)]);
        int blank = a.Flag(1) ? -1 : start.Text.LastIndexOf(' ');
        return new TextBuilder(state.Budget).Append(blank < 0 ? start : start.Slice(..blank)).Append(end).ToValue();
    }

    private static Value WordWrap(RenderState state, Value value, Arguments a)
    {
        StringValue text = value as StringValue ?? throw TemplateException.Type($"wordwrap needs a text, not {value.TypeName}");
        int width = a.Int(0, 79);
        if (width <= 0)
            throw TemplateException.Value($"invalid width {width} (must be > 0)");
        StringValue newline = a.IsNone(2) ? new StringValue("\n", isInput: false) : a.Text(2);
        LineWrapper wrapper = new(width, breaksLongWords: a[1]?.IsTrue ?? true, breaksOnHyphens: a[3]?.IsTrue ?? true);
        return StringMethods.Join(
            state, newline, Splitting.Lines(text).Select(line => StringMethods.Join(state, newline, wrapper.Wrap(state.Budget, line))));
    }

    private static Value Format(RenderState state, Value value, Arguments a)
    {
        if (a.Raw.Positional.Count > 0 && a.Raw.Named.Count > 0)
            throw TemplateException.Type("can't handle positional and keyword arguments at the same time");
        MappingValue named = new();
        foreach ((string name, Value argument) in a.Raw.Named)
            named.Set(name, argument);
        return PrintfFormat.Apply(state, state.Text(value), a.Raw.Named.Count > 0 ? named : new ListValue(a.Raw.Positional, isTuple: true));
    }

    [GeneratedRegex(@"\w+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
