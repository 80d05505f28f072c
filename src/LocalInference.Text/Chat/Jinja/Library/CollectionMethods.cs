using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Methods of dict, list and tuple that change nothing; those that do are closed by the sandbox.</summary>
internal static class CollectionMethods
{
    public static readonly IReadOnlyDictionary<string, Builtin> OfMapping = new Dictionary<string, Builtin>
    {
        ["get"] = new("key! default", static (_, self, a) => Find((MappingValue)self, a[0]!) ?? a[1] ?? NoneValue.Instance),
        ["items"] = new("", static (_, self, _) => new ViewValue("dict_items", Pairs((MappingValue)self))),
        ["keys"] = new("", static (_, self, _) => new ViewValue("dict_keys", [.. self.Iterate()])),
        ["values"] = new("", static (_, self, _) =>
            new ViewValue("dict_values", [.. ((MappingValue)self).Entries.Select(static entry => entry.Value)])),
        ["copy"] = new("", static (_, self, _) => self),
    };

    public static readonly IReadOnlyDictionary<string, Builtin> OfList = new Dictionary<string, Builtin>
    {
        ["count"] = new("value!", static (state, self, a) =>
            new IntegerValue(((ListValue)self).Elements.Count(element => state.Equality.Equals(element, a[0])))),
        ["index"] = new("value! start stop", Index),
        ["copy"] = new("", static (_, self, _) => self),
    };

    public static List<Value> Pairs(MappingValue mapping) =>
        [.. mapping.Entries.Select(static entry => ListValue.Tuple(entry.Key, entry.Value))];

    private static Value? Find(MappingValue mapping, Value key)
    {
        ValueEquality.RequireHashable(key);
        return mapping.Find(key);
    }

    private static Value Index(RenderState state, Value self, Arguments a)
    {
        IReadOnlyList<Value> elements = ((ListValue)self).Elements;
        int end = Slicing.Clamp(a[2] is null ? null : a.Int(2, 0), elements.Count, elements.Count);
        for (int i = Slicing.Clamp(a.Int(1, 0), elements.Count, 0); i < end; i++)
            if (state.Equality.Equals(elements[i], a[0]))
                return new IntegerValue(i);
        throw TemplateException.Value("the value is not in the list");
    }
}
