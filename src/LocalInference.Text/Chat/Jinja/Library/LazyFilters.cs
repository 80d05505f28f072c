using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Filters that make their elements as they are asked for: what they give can be gone through once.</summary>
internal static class LazyFilters
{
    public static readonly IReadOnlyDictionary<string, Builtin> All = new Dictionary<string, Builtin>
    {
        ["map"] = new("*", static (state, value, a) => Lazy(state, value, Map(state, a.Raw))),
        ["select"] = new("*", static (state, value, a) => Filter(state, value, a.Raw, byAttribute: false, wanted: true)),
        ["reject"] = new("*", static (state, value, a) => Filter(state, value, a.Raw, byAttribute: false, wanted: false)),
        ["selectattr"] = new("*", static (state, value, a) => Filter(state, value, a.Raw, byAttribute: true, wanted: true)),
        ["rejectattr"] = new("*", static (state, value, a) => Filter(state, value, a.Raw, byAttribute: true, wanted: false)),
        ["items"] = new("", static (_, value, _) => new GeneratorValue(Items(value))),
        ["reverse"] = new("", Reverse),
        ["unique"] = new("case_sensitive attribute", Unique),
        ["batch"] = new("linecount! fill_with", static (state, value, a) =>
            new GeneratorValue(Batch(state, value.Iterate(), a.Int(0, 0), a.IsNone(1) ? null : a[1]))),
        ["slice"] = new("slices! fill_with", static (state, value, a) =>
            new GeneratorValue(Slice(state.Collect(value.Iterate()), a.Int(0, 0), a.IsNone(1) ? null : a[1]))),
    };

    private static GeneratorValue Lazy(RenderState state, Value value, Func<Value, Value?> transform) =>
        new(value.IsTrue ? Transform(state, value.Iterate(), transform) : []);

    private static IEnumerable<Value> Transform(RenderState state, IEnumerable<Value> items, Func<Value, Value?> transform)
    {
        foreach (Value item in items)
        {
            state.Budget.TakeStep();
            if (transform(item) is { } made)
                yield return made;
        }
    }

    private static Func<Value, Value?> Map(RenderState state, CallArguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.Find("attribute") is { } attribute)
        {
            AttributePath path = AttributePath.Parse(attribute, arguments.Find("default") is NoneValue ? null : arguments.Find("default"));
            if (arguments.Named.FirstOrDefault(static named => named.Key is not ("attribute" or "default")).Key is { } unexpected)
                throw TemplateException.Type($"Unexpected keyword argument '{unexpected}'");
            return item => path.Find(state, item);
        }
        if (arguments.Positional is not [StringValue name, ..])
            throw TemplateException.Type("map requires a filter argument");
        CallArguments rest = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
        return item => Filters.Call(state, name.Text, item, rest);
    }

    private static GeneratorValue Filter(RenderState state, Value value, CallArguments arguments, bool byAttribute, bool wanted)
    {
        if (byAttribute && arguments.Positional.Count == 0)
            throw TemplateException.Type("Missing parameter for attribute name");
        AttributePath path = AttributePath.Parse(byAttribute ? arguments.Positional[0] : null);
        IReadOnlyList<Value> rest = [.. arguments.Positional.Skip(byAttribute ? 1 : 0)];
        CallArguments testArguments = arguments with { Positional = [.. rest.Skip(1)] };
        string? test = rest.Count == 0 ? null : state.Text(rest[0]).Text;
        return Lazy(state, value, item =>
        {
            Value tested = path.Find(state, item);
            bool holds = test is null ? tested.IsTrue : Tests.Holds(state, test, tested, testArguments);
            return holds == wanted ? item : null;
        });
    }

    private static IEnumerable<Value> Items(Value value) => value switch
    {
        UndefinedValue => [],
        MappingValue mapping => CollectionMethods.Pairs(mapping),
        _ => throw TemplateException.Type("Can only get item pairs from a mapping."),
    };

    private static Value Reverse(RenderState state, Value value, Arguments a)
    {
        if (value is StringValue)
            return Slicing.Slice(state, value, NoneValue.Instance, NoneValue.Instance, new IntegerValue(-1));
        List<Value> elements = state.Collect(value.Iterate());
        elements.Reverse();
        // Python gives a list where the source cannot be walked backwards, and an iterator else.
        return value is GeneratorValue ? new ListValue(elements) : new GeneratorValue(elements, "list_reverseiterator");
    }

    private static Value Unique(RenderState state, Value value, Arguments a)
    {
        Func<Value, Value> key = SequenceFilters.Keys(state, a[1], isCaseSensitive: a.Flag(0), areSeveral: false);
        HashSet<Value> seen = new(ValueEquality.OfKeys);
        return new GeneratorValue(Transform(state, value.Iterate(), item =>
        {
            Value mark = key(item);
            ValueEquality.RequireHashable(mark);
            return seen.Add(mark) ? item : null;
        }));
    }

    private static IEnumerable<Value> Batch(RenderState state, IEnumerable<Value> items, int size, Value? fill)
    {
        List<Value> batch = [];
        foreach (Value item in items)
        {
            state.Budget.TakeElements(1);
            if (batch.Count == size)
            {
                yield return new ListValue(batch);
                batch = [];
            }
            batch.Add(item);
        }
        if (batch.Count == 0)
            yield break;
        for (; fill is not null && batch.Count < size; batch.Add(fill))
            state.Budget.TakeElements(1);
        yield return new ListValue(batch);
    }

    private static IEnumerable<Value> Slice(List<Value> items, int slices, Value? fill)
    {
        if (slices == 0)
            throw TemplateException.Value("integer division or modulo by zero");
        for (int slice = 0, start = 0; slice < slices; slice++)
        {
            bool hasExtra = slice < items.Count % slices;
            int end = start + items.Count / slices + (hasExtra ? 1 : 0);
            List<Value> part = items[start..end];
            if (fill is not null && !hasExtra)
                part.Add(fill);
            yield return new ListValue(part);
            start = end;
        }
    }
}
