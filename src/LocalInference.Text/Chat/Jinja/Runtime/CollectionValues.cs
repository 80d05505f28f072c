using System.Numerics;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>Python's list, or its tuple, which prints and compares differently.</summary>
internal class ListValue(IReadOnlyList<Value> elements, bool isTuple = false) : Value
{
    public IReadOnlyList<Value> Elements { get; } = elements;

    public bool IsTuple => isTuple;

    public override string TypeName => isTuple ? "tuple" : "list";

    public override bool IsTrue => Elements.Count > 0;

    public override int? Length => Elements.Count;

    public override IEnumerable<Value> Items => Elements;

    public static ListValue Tuple(params Value[] elements) => new(elements, isTuple: true);
}

/// <summary>What <c>groupby</c> gives: a pair whose halves also have names.</summary>
internal sealed class GroupValue(Value grouper, ListValue list) : ListValue([grouper, list], isTuple: true)
{
    public override Value? Attribute(string name) => name switch { "grouper" => Elements[0], "list" => Elements[1], _ => null };
}

/// <summary>Python's dict: keys in order of insertion, found by Python's equality.</summary>
internal sealed class MappingValue : Value
{
    private readonly Dictionary<Value, int> _places = new(ValueEquality.OfKeys);
    private readonly List<KeyValuePair<Value, Value>> _entries = [];

    public IReadOnlyList<KeyValuePair<Value, Value>> Entries => _entries;

    public override string TypeName => "dict";

    public override bool IsTrue => _entries.Count > 0;

    public override int? Length => _entries.Count;

    public override IEnumerable<Value> Items => _entries.Select(static entry => entry.Key);

    /// <summary>For whoever builds the mapping; nothing sets once a template can see it.</summary>
    public void Set(Value key, Value value)
    {
        ValueEquality.RequireHashable(key);
        if (_places.TryGetValue(key, out int place))
            _entries[place] = new(_entries[place].Key, value);
        else
        {
            _places.Add(key, _entries.Count);
            _entries.Add(new(key, value));
        }
    }

    /// <summary>Sets under a name of ours.</summary>
    public void Set(string key, Value value) => Set(new StringValue(key, isInput: false), value);

    /// <summary>A copy in which one name has another value.</summary>
    public MappingValue With(string key, Value value)
    {
        MappingValue changed = new();
        foreach ((Value name, Value old) in _entries)
            changed.Set(name, old);
        changed.Set(key, value);
        return changed;
    }

    public Value? Find(Value key) => _places.TryGetValue(key, out int place) ? _entries[place].Value : null;

    public Value? Find(string key) => Find(new StringValue(key, isInput: false));
}

/// <summary>Python's range.</summary>
internal sealed class RangeValue(BigInteger start, BigInteger stop, BigInteger step, int count) : Value
{
    public BigInteger Start => start;

    public BigInteger Stop => stop;

    public BigInteger Step => step;

    public override string TypeName => "range";

    public override bool IsTrue => count > 0;

    public override int? Length => count;

    public override IEnumerable<Value> Items => Enumerable.Range(0, count).Select(At);

    public Value At(int index) => new IntegerValue(start + index * step);
}

/// <summary>
/// A view of a mapping (<c>d.items()</c> and its kin): it has a length and can be gone through again, but not be indexed.
/// </summary>
internal sealed class ViewValue(string typeName, IReadOnlyList<Value> elements) : Value
{
    public override string TypeName => typeName;

    public override bool IsTrue => elements.Count > 0;

    public override int? Length => elements.Count;

    public override IEnumerable<Value> Items => elements;
}

/// <summary>What lazy filters give: elements made as they are asked for, once.</summary>
internal sealed class GeneratorValue(IEnumerable<Value> source, string typeName = "generator") : Value
{
    private readonly IEnumerator<Value> _source = source.GetEnumerator();

    public override string TypeName => typeName;

    public override IEnumerable<Value> Items
    {
        get
        {
            while (_source.MoveNext())
                yield return _source.Current;
        }
    }
}

/// <summary>The one value that changes: what a template writes to from inside a loop.</summary>
internal sealed class NamespaceValue : Value
{
    public MappingValue Entries { get; } = new();

    public override string TypeName => "Namespace";

    public override string Described => "jinja2.utils.Namespace object";

    public override Value? Attribute(string name) => Entries.Find(name);

    public void Set(string name, Value value)
    {
        if (name.StartsWith('_'))
            throw TemplateException.Security(
                $"Chat templates cannot store underscore-prefixed attributes on a namespace, but got '{name}'. "
                + "Please rename the attribute.");
        Entries.Set(name, value);
    }
}
