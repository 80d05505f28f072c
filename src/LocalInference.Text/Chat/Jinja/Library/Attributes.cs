using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>
/// Jinja's two ways into an object, <c>a.b</c> and <c>a[b]</c>, each of which falls back on the other, inside the immutable sandbox.
/// </summary>
internal static class Attributes
{
    private static readonly HashSet<string> ChangesList = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];
    private static readonly HashSet<string> ChangesMapping = ["clear", "pop", "popitem", "setdefault", "update"];

    /// <summary><c>a.b</c>: the attribute first, then the element.</summary>
    public static Value Get(Value owner, string name)
    {
        owner.RequireDefined();
        return Own(owner, name)
            ?? (owner as MappingValue)?.Find(name)
            ?? UndefinedValue.AttributeOf(owner, name);
    }

    /// <summary><c>a[b]</c>: the element first, then, for a text, the attribute.</summary>
    public static Value GetItem(RenderState state, Value owner, Value key)
    {
        owner.RequireDefined();
        if (Element(owner, key) is { } element)
            return element;
        if (key is StringValue name)
            return Own(owner, name.Text) ?? UndefinedValue.AttributeOf(owner, name.Text);
        return UndefinedValue.Because($"{owner.Described} has no element {PythonText.Repr(key, state.Budget).Text}");
    }

    /// <summary>An attribute or method of the object itself; null where it has none.</summary>
    public static Value? Own(Value owner, string name)
    {
        bool isClosed = (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal))
            || (owner is ListValue { IsTuple: false } && ChangesList.Contains(name))
            || (owner is MappingValue && ChangesMapping.Contains(name));
        if (isClosed && owner is not NamespaceValue)
            return UndefinedValue.Unsafe(owner, name);
        IReadOnlyDictionary<string, Builtin>? methods = owner switch
        {
            StringValue => StringMethods.All,
            MappingValue => CollectionMethods.OfMapping,
            ListValue => CollectionMethods.OfList,
            _ => null,
        };
        return methods?.TryGetValue(name, out Builtin? method) == true ? method.Bind(name, owner) : owner.Attribute(name);
    }

    private static Value? Element(Value owner, Value key)
    {
        if (owner is MappingValue mapping)
            return key is MappingValue or ListValue { IsTuple: false } ? null : mapping.Find(key);
        if (!Numbers.TryGetInteger(key, out _) || owner is not (ListValue or StringValue or RangeValue))
            return null;
        int index = Numbers.RequireInt(key);
        int length = owner.Length!.Value;
        if (index < 0)
            index += length;
        return index < 0 || index >= length ? null : At(owner, index);
    }

    private static Value At(Value owner, int index)
    {
        switch (owner)
        {
            case ListValue list:
                return list.Elements[index];
            case RangeValue range:
                return range.At(index);
            default:
                StringValue text = (StringValue)owner;
                if (text.IsBasic)
                    return text.Slice(index, 1);
                int[] starts = CodePoints.Starts(text.Text);
                return text.Slice(starts[index], starts[index + 1] - starts[index]);
        }
    }
}
