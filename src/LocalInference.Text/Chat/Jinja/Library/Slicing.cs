using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Python's <c>a[start:stop:step]</c>.</summary>
internal static class Slicing
{
    public static Value Slice(RenderState state, Value owner, Value start, Value stop, Value step)
    {
        owner.RequireDefined();
        if (owner is MappingValue)
            throw TemplateException.Type("unhashable type: 'slice'");
        if (owner is not (ListValue or StringValue or RangeValue))
            throw TemplateException.Type($"'{owner.TypeName}' object is not subscriptable");
        int stride = Bound(step) ?? 1;
        if (stride == 0)
            throw TemplateException.Value("slice step cannot be zero");
        List<int> places = Places(owner.Length!.Value, Bound(start), Bound(stop), stride);
        state.Budget.TakeElements(places.Count);
        return owner switch
        {
            ListValue list => new ListValue([.. places.Select(place => list.Elements[place])], list.IsTuple),
            RangeValue range => SliceRange(range, Bound(start), Bound(stop), stride, places.Count),
            _ => SliceText(state, (StringValue)owner, places, stride),
        };
    }

    /// <summary>Python's bounds for texts' methods: negative counts from the end, everything is brought inside.</summary>
    public static int Clamp(int? bound, int length, int byDefault)
    {
        if (bound is not { } place)
            return byDefault;
        return Math.Clamp(place < 0 ? place + length : place, 0, length);
    }

    private static int? Bound(Value value) => value switch
    {
        NoneValue => null,
        _ when Numbers.TryGetInteger(value, out _) => Numbers.RequireInt(value),
        UndefinedValue missing => throw missing.Error(),
        _ => throw TemplateException.Type("slice indices must be integers or None or have an __index__ method"),
    };

    private static List<int> Places(int length, int? start, int? stop, int stride)
    {
        List<int> places = [];
        if (stride > 0)
        {
            int end = Clamp(stop, length, length);
            for (long at = Clamp(start, length, 0); at < end; at += stride)
                places.Add((int)at);
        }
        else
        {
            int last = ClampBackwards(stop, length, -1);
            for (long at = ClampBackwards(start, length, length - 1); at > last; at += stride)
                places.Add((int)at);
        }
        return places;
    }

    private static RangeValue SliceRange(RangeValue range, int? start, int? stop, int stride, int count)
    {
        int length = range.Length!.Value;
        int first = stride > 0 ? Clamp(start, length, 0) : ClampBackwards(start, length, length - 1);
        int end = stride > 0 ? Clamp(stop, length, length) : ClampBackwards(stop, length, -1);
        return new RangeValue(range.Start + first * range.Step, range.Start + end * range.Step, range.Step * stride, count);
    }

    private static int ClampBackwards(int? bound, int length, int byDefault) =>
        bound is { } place ? Math.Clamp(place < 0 ? place + length : place, -1, length - 1) : byDefault;

    private static StringValue SliceText(RenderState state, StringValue text, List<int> places, int stride)
    {
        if (places.Count == 0)
            return StringValue.Empty;
        int[]? starts = text.IsBasic ? null : CodePoints.Starts(text.Text);
        int Start(int place) => starts is null ? place : starts[place];
        if (stride == 1)
            return text.Slice(Start(places[0]), Start(places[^1] + 1) - Start(places[0]));
        TextBuilder picked = new(state.Budget);
        foreach (int place in places)
            picked.Append(text.Slice(Start(place), Start(place + 1) - Start(place)));
        return picked.ToValue();
    }
}
