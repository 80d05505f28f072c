using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Methods of Python's str.</summary>
internal static class StringMethods
{
    public static readonly IReadOnlyDictionary<string, Builtin> All = new Dictionary<string, Builtin>
    {
        ["upper"] = Method("", static (state, self, _) => CaseText.Upper(self, state.Budget)),
        ["lower"] = Method("", static (state, self, _) => CaseText.Lower(self, state.Budget)),
        ["casefold"] = Method("", static (state, self, _) => CaseText.Lower(self, state.Budget)),
        ["title"] = Method("", static (state, self, _) => CaseText.Title(self, state.Budget)),
        ["capitalize"] = Method("", static (state, self, _) => CaseText.Capitalize(self, state.Budget)),
        ["swapcase"] = Method("", static (state, self, _) => CaseText.SwapCase(self, state.Budget)),
        ["strip"] = Method("chars", static (_, self, a) => Splitting.Strip(self, Optional(a, 0), atStart: true, atEnd: true)),
        ["lstrip"] = Method("chars", static (_, self, a) => Splitting.Strip(self, Optional(a, 0), atStart: true, atEnd: false)),
        ["rstrip"] = Method("chars", static (_, self, a) => Splitting.Strip(self, Optional(a, 0), atStart: false, atEnd: true)),
        ["split"] = Method("sep maxsplit", static (state, self, a) =>
            Splitting.Split(state, self, Optional(a, 0), a.Int(1, -1), fromEnd: false)),
        ["rsplit"] = Method("sep maxsplit", static (state, self, a) =>
            Splitting.Split(state, self, Optional(a, 0), a.Int(1, -1), fromEnd: true)),
        ["splitlines"] = Method("keepends", static (state, self, a) => new ListValue(state.Collect(Splitting.Lines(self, a.Flag(0))))),
        ["partition"] = Method("sep!", static (_, self, a) => Splitting.Partition(self, a.Text(0), fromEnd: false)),
        ["rpartition"] = Method("sep!", static (_, self, a) => Splitting.Partition(self, a.Text(0), fromEnd: true)),
        ["startswith"] = Method("prefix! start end", static (_, self, a) =>
            Affix(self, a, static (text, part) => text.StartsWith(part, StringComparison.Ordinal))),
        ["endswith"] = Method("suffix! start end", static (_, self, a) =>
            Affix(self, a, static (text, part) => text.EndsWith(part, StringComparison.Ordinal))),
        ["removeprefix"] = Method("prefix!", static (_, self, a) =>
            self.Text.StartsWith(a.Text(0).Text, StringComparison.Ordinal) ? self.Slice(a.Text(0).Text.Length..) : self),
        ["removesuffix"] = Method("suffix!", static (_, self, a) =>
            self.Text.EndsWith(a.Text(0).Text, StringComparison.Ordinal) ? self.Slice(..^a.Text(0).Text.Length) : self),
        ["find"] = Method("sub! start end", static (_, self, a) => new IntegerValue(Find(self, a, fromEnd: false))),
        ["rfind"] = Method("sub! start end", static (_, self, a) => new IntegerValue(Find(self, a, fromEnd: true))),
        ["index"] = Method("sub! start end", static (_, self, a) => Found(Find(self, a, fromEnd: false))),
        ["rindex"] = Method("sub! start end", static (_, self, a) => Found(Find(self, a, fromEnd: true))),
        ["count"] = Method("sub! start end", static (_, self, a) => new IntegerValue(Count(Window(self, a).Text, a.Text(0).Text))),
        ["replace"] = Method("old! new! count", static (state, self, a) => Replace(state, self, a.Text(0), a.Text(1), a.Int(2, -1))),
        ["join"] = Method("iterable!", static (state, self, a) => Join(state, self, a[0]!.Iterate().Select(RequireText))),
        ["format"] = Method("*", static (state, self, a) => BraceFormat.Apply(state, self, a.Raw)),
        ["format_map"] = Method("mapping!", static (state, self, a) => BraceFormat.Apply(state, self, Keywords(state, a[0]!))),
        ["zfill"] = Method("width!", static (state, self, a) => ZeroFill(state, self, a.Int(0, 0))),
        ["center"] = Method("width! fillchar", static (state, self, a) => Padding.Center(state.Budget, self, a.Int(0, 0), Fill(a))),
        ["ljust"] = Method("width! fillchar", static (state, self, a) => Padding.Pad(state.Budget, self, a.Int(0, 0), Fill(a), '<')),
        ["rjust"] = Method("width! fillchar", static (state, self, a) => Padding.Pad(state.Budget, self, a.Int(0, 0), Fill(a), '>')),
        ["expandtabs"] = Method("tabsize", static (state, self, a) => Padding.ExpandTabs(state.Budget, self, a.Int(0, 8))),
        ["isalpha"] = Method("", static (_, self, _) => CharacterTests.All(self, CharacterTests.IsAlpha)),
        ["isalnum"] = Method("", static (_, self, _) => CharacterTests.All(self, CharacterTests.IsAlphanumeric)),
        ["isdigit"] = Method("", static (_, self, _) => CharacterTests.All(self, CharacterTests.IsDigit)),
        ["isdecimal"] = Method("", static (_, self, _) => CharacterTests.All(self, CharacterTests.IsDecimal)),
        ["isnumeric"] = Method("", static (_, self, _) => CharacterTests.All(self, CharacterTests.IsNumeric)),
        ["isspace"] = Method("", static (_, self, _) => CharacterTests.All(self, CharacterTests.IsSpace)),
        ["isascii"] = Method("", static (_, self, _) => BoolValue.Of(System.Text.Ascii.IsValid(self.Text))),
        ["isupper"] = Method("", static (_, self, _) => BoolValue.Of(CharacterTests.IsUpper(self.Text))),
        ["islower"] = Method("", static (_, self, _) => BoolValue.Of(CharacterTests.IsLower(self.Text))),
        ["istitle"] = Method("", static (_, self, _) => BoolValue.Of(CharacterTests.IsTitle(self.Text))),
        ["isidentifier"] = Method("", static (_, self, _) => BoolValue.Of(CharacterTests.IsIdentifier(self.Text))),
    };

    /// <summary>Puts texts together with a text between them.</summary>
    public static StringValue Join(RenderState state, StringValue separator, IEnumerable<StringValue> parts)
    {
        TextBuilder joined = new(state.Budget);
        bool isFirst = true;
        foreach (StringValue part in parts)
        {
            state.Budget.TakeStep();
            if (!isFirst)
                joined.Append(separator);
            isFirst = false;
            joined.Append(part);
        }
        return joined.ToValue();
    }

    /// <summary>Replaces; a negative <paramref name="count"/> replaces everywhere, an empty text stands between all characters.</summary>
    public static StringValue Replace(RenderState state, StringValue text, StringValue old, StringValue replacement, int count)
    {
        TextBuilder replaced = new(state.Budget);
        int done = 0, limit = count < 0 ? int.MaxValue : count;
        for (int at; limit > 0 && done <= text.Text.Length; limit--)
        {
            at = text.Text.IndexOf(old.Text, done, StringComparison.Ordinal);
            if (at < 0)
                break;
            replaced.Append(text.Slice(done..at)).Append(replacement);
            done = at + old.Text.Length;
            if (old.Text.Length > 0)
                continue;
            if (done == text.Text.Length)
                break;
            int size = CodePoints.SizeAt(text.Text, done);
            if (limit > 1)
                replaced.Append(text.Slice(done, size));
            else
                break;
            done += size;
        }
        return replaced.Append(text.Slice(done..)).ToValue();
    }

    private static Builtin Method(string signature, Func<RenderState, StringValue, Arguments, Value> body) =>
        new(signature, (state, self, arguments) => body(state, (StringValue)self, arguments));

    private static string? Optional(Arguments a, int index) => a.IsNone(index) ? null : a.Text(index).Text;

    private static CallArguments Keywords(RenderState state, Value mapping) => mapping is MappingValue given
        ? new CallArguments([], [.. given.Entries.Select(entry => KeyValuePair.Create(state.Text(entry.Key).Text, entry.Value))])
        : throw TemplateException.Type($"format_map() argument must be a mapping, not {mapping.TypeName}");

    private static StringValue Fill(Arguments a)
    {
        StringValue fill = a.Text(1, " ");
        return fill.Length == 1 ? fill : throw TemplateException.Type("The fill character must be exactly one character long");
    }

    private static StringValue RequireText(Value item, int index) =>
        item as StringValue ?? throw TemplateException.Type($"sequence item {index}: expected str instance, {item.TypeName} found");

    private static BoolValue Affix(StringValue self, Arguments a, Func<string, string, bool> matches)
    {
        string text = Window(self, a).Text;
        if (a[0] is ListValue { IsTuple: true } several)
            return BoolValue.Of(several.Elements.Any(part => part is StringValue s && matches(text, s.Text)));
        return BoolValue.Of(matches(text, a.Text(0).Text));
    }

    // What the optional bounds in places 1 and 2 leave of a text.
    private static StringValue Window(StringValue self, Arguments a)
    {
        if (a.IsNone(1) && a.IsNone(2))
            return self;
        int[] starts = CodePoints.Starts(self.Text);
        int length = starts.Length - 1;
        int start = Slicing.Clamp(a.IsNone(1) ? null : a.Int(1, 0), length, 0);
        int end = Slicing.Clamp(a.IsNone(2) ? null : a.Int(2, 0), length, length);
        return start >= end ? StringValue.Empty : self.Slice(starts[start]..starts[end]);
    }

    private static int Find(StringValue self, Arguments a, bool fromEnd)
    {
        StringValue window = Window(self, a);
        int at = fromEnd
            ? window.Text.LastIndexOf(a.Text(0).Text, StringComparison.Ordinal)
            : window.Text.IndexOf(a.Text(0).Text, StringComparison.Ordinal);
        int offset = a.IsNone(1) ? 0 : Slicing.Clamp(a.Int(1, 0), self.Length!.Value, 0);
        return at < 0 ? -1 : offset + CodePoints.Count(window.Text.AsSpan(0, at));
    }

    private static IntegerValue Found(int at) => at < 0 ? throw TemplateException.Value("substring not found") : new IntegerValue(at);

    private static int Count(string text, string part) =>
        part.Length == 0 ? CodePoints.Count(text) + 1 : text.AsSpan().Count(part);

    private static StringValue ZeroFill(RenderState state, StringValue self, int width)
    {
        bool isSigned = self.Text.StartsWith('+') || self.Text.StartsWith('-');
        StringValue sign = isSigned ? self.Slice(..1) : StringValue.Empty;
        return new TextBuilder(state.Budget).Append(sign)
            .Append('0', width - self.Length!.Value, isInput: false)
            .Append(isSigned ? self.Slice(1..) : self).ToValue();
    }
}
