using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Filters that look at whole sequences and mappings.</summary>
internal static class SequenceFilters
{
    public static readonly IReadOnlyDictionary<string, Builtin> All = new Dictionary<string, Builtin>
    {
        ["length"] = new("", static (_, value, _) => Length(value)),
        ["count"] = new("", static (_, value, _) => Length(value)),
        ["list"] = new("", static (state, value, _) => new ListValue(state.Collect(value.Iterate()))),
        ["first"] = new("", static (_, value, _) =>
            value.Iterate().FirstOrDefault() ?? UndefinedValue.Because("No first item, sequence was empty.")),
        ["last"] = new("", static (_, value, _) =>
            RequireReversible(value).LastOrDefault() ?? UndefinedValue.Because("No last item, sequence was empty.")),
        ["join"] = new("d attribute", Join),
        ["default"] = new("default_value boolean", Default),
        ["d"] = new("default_value boolean", Default),
        ["sort"] = new("reverse case_sensitive attribute", Sort),
        ["dictsort"] = new("case_sensitive by reverse", SortMapping),
        ["groupby"] = new("attribute! default case_sensitive", GroupBy),
        ["min"] = new("case_sensitive attribute", static (state, value, a) => Extreme(state, value, a, wantsMost: false)),
        ["max"] = new("case_sensitive attribute", static (state, value, a) => Extreme(state, value, a, wantsMost: true)),
        ["sum"] = new("attribute start", Sum),
        ["attr"] = new("name!", static (state, value, a) =>
            Attributes.Own(value, a.Text(0).Text) ?? UndefinedValue.AttributeOf(value, a.Text(0).Text)),
    };

    private static IntegerValue Length(Value value) =>
        new(value.Length ?? throw TemplateException.Type($"object of type '{value.TypeName}' has no len()"));

    private static IEnumerable<Value> RequireReversible(Value value) =>
        value is GeneratorValue ? throw TemplateException.Type("'generator' object is not reversible") : value.Iterate();

    private static Value Default(RenderState state, Value value, Arguments a) =>
        value is UndefinedValue || (a.Flag(1) && !value.IsTrue) ? a[0] ?? StringValue.Empty : value;

    private static Value Join(RenderState state, Value value, Arguments a)
    {
        IEnumerable<Value> items = value.Iterate();
        if (!a.IsNone(1))
        {
            AttributePath path = AttributePath.Parse(a[1]);
            items = items.Select(item => path.Find(state, item));
        }
        return StringMethods.Join(state, a[0] is null ? StringValue.Empty : state.Text(a[0]!), items.Select(state.Text));
    }

    private static Value Sort(RenderState state, Value value, Arguments a)
    {
        Func<Value, Value> key = Keys(state, a[2], isCaseSensitive: a.Flag(1), areSeveral: true);
        return new ListValue(Comparisons.Sort(state, state.Collect(value.Iterate()), key, reverse: a.Flag(0)));
    }

    private static Value SortMapping(RenderState state, Value value, Arguments a)
    {
        if (value is not MappingValue mapping)
            throw TemplateException.Type($"dictsort needs a mapping, not {value.TypeName}");
        string by = a.Text(1, "key").Text;
        if (by is not ("key" or "value"))
            throw TemplateException.Value("You can only sort by either \"key\" or \"value\"");
        Func<Value, Value> key = Keys(state, null, isCaseSensitive: a.Flag(0), areSeveral: false);
        List<Value> pairs = CollectionMethods.Pairs(mapping);
        int half = by == "key" ? 0 : 1;
        return new ListValue(Comparisons.Sort(state, pairs, pair => key(((ListValue)pair).Elements[half]), reverse: a.Flag(2)));
    }

    private static Value GroupBy(RenderState state, Value value, Arguments a)
    {
        AttributePath path = AttributePath.Parse(a[0], a.IsNone(1) ? null : a[1]);
        Func<Value, Value> fold = Keys(state, null, isCaseSensitive: a.Flag(2), areSeveral: false);
        List<Value> sorted = Comparisons.Sort(state, state.Collect(value.Iterate()), item => fold(path.Find(state, item)), reverse: false);
        List<Value> groups = [];
        for (int start = 0, end; start < sorted.Count; start = end)
        {
            Value key = fold(path.Find(state, sorted[start]));
            for (end = start + 1; end < sorted.Count && state.Equality.Equals(fold(path.Find(state, sorted[end])), key);)
                end++;
            groups.Add(new GroupValue(path.Find(state, sorted[start]), new ListValue(sorted[start..end])));
        }
        return new ListValue(groups);
    }

    private static Value Extreme(RenderState state, Value value, Arguments a, bool wantsMost)
    {
        Func<Value, Value> key = Keys(state, a[1], isCaseSensitive: a.Flag(0), areSeveral: false);
        Func<RenderState, Value, Value, bool> isBetter = wantsMost ? Comparisons.Greater : Comparisons.Less;
        Value? best = null;
        foreach (Value item in value.Iterate())
        {
            state.Budget.TakeStep();
            if (best is null || isBetter(state, key(item), key(best)))
                best = item;
        }
        return best ?? UndefinedValue.Because("No aggregated item, sequence was empty.");
    }

    private static Value Sum(RenderState state, Value value, Arguments a)
    {
        AttributePath path = AttributePath.Parse(a[0]);
        Value total = a[1] ?? IntegerValue.Zero;
        if (total is StringValue)
            throw TemplateException.Type("sum() can't sum strings [use ''.join(seq) instead]");
        foreach (Value item in value.Iterate())
        {
            state.Budget.TakeStep();
            total = Operators.Add(state, total, path.Find(state, item));
        }
        return total;
    }

    /// <summary>
    /// What items are ordered or told apart by: an attribute (or several, by commas), without regard to case unless asked.
    /// </summary>
    internal static Func<Value, Value> Keys(RenderState state, Value? attribute, bool isCaseSensitive, bool areSeveral)
    {
        Value Fold(Value key) => !isCaseSensitive && key is StringValue text ? CaseText.Lower(text, state.Budget) : key;
        if (areSeveral && attribute is StringValue names)
        {
            AttributePath[] paths =
                [.. names.Text.Split(',').Select(static name => AttributePath.Parse(new StringValue(name, isInput: false)))];
            return item => new ListValue([.. paths.Select(path => Fold(path.Find(state, item)))]);
        }
        AttributePath single = AttributePath.Parse(attribute);
        return item => Fold(single.Find(state, item));
    }
}
