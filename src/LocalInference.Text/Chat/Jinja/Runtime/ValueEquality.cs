using System.Numerics;

namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>
/// Python's <c>==</c> and <c>hash</c>: numbers of all types by value, texts whatever their origin, collections by content.
/// </summary>
/// <param name="budget">
/// Pays for going through collections, whose elements a template may share so that there are many more paths than values; null for keys,
/// which are small.
/// </param>
internal sealed class ValueEquality(RenderBudget? budget) : IEqualityComparer<Value>
{
    private const int KeyElements = 1_000;

    /// <summary>For the keys of mappings.</summary>
    public static readonly ValueEquality OfKeys = new(budget: null);

    public bool Equals(Value? left, Value? right)
    {
        RenderBudget.CheckStack();
        budget?.TakeStep();
        return (left, right) switch
        {
            (StringValue a, StringValue b) => a.Text == b.Text,
            (UndefinedValue, UndefinedValue) => true,
            (ListValue a, ListValue b) => a.IsTuple == b.IsTuple && a.Elements.SequenceEqual(b.Elements, this),
            (MappingValue a, MappingValue b) => SameEntries(a, b),
            (RangeValue a, RangeValue b) => a.Items.SequenceEqual(b.Items, this),
            _ => ReferenceEquals(left, right)
                || (Numbers.TryGet(left, out Number a) && Numbers.TryGet(right, out Number b) && a.CompareTo(b) == 0),
        };
    }

    public int GetHashCode(Value value) => value switch
    {
        StringValue text => text.Text.GetHashCode(StringComparison.Ordinal),
        UndefinedValue => 1,
        ListValue list => HashOf(list),
        _ when Numbers.TryGet(value, out Number number) => HashOf(number),
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value),
    };

    /// <summary>Python's keys are immutable things.</summary>
    public static void RequireHashable(Value key)
    {
        if (CountElements(key, 0) > KeyElements)
            throw TemplateException.Limit($"A key of more than {KeyElements} elements.");
    }

    private static int CountElements(Value key, int count)
    {
        if (key is MappingValue or ListValue { IsTuple: false })
            throw TemplateException.Type($"unhashable type: '{key.TypeName}'");
        count++;
        if (key is ListValue tuple)
            for (int i = 0; i < tuple.Elements.Count && count <= KeyElements; i++)
                count = CountElements(tuple.Elements[i], count);
        return count;
    }

    // A template may have nested a tuple as deep as it likes.
    private int HashOf(ListValue list)
    {
        RenderBudget.CheckStack();
        int hash = 17;
        foreach (Value element in list.Elements)
            hash = HashCode.Combine(hash, GetHashCode(element));
        return hash;
    }

    // Equal numbers must hash alike whatever their type: whole floats hash as integers.
    private static int HashOf(Number number) =>
        number.IsInteger || (double.IsFinite(number.Float) && Math.Floor(number.Float) == number.Float)
            ? (number.IsInteger ? number.Integer : new BigInteger(number.Float)).GetHashCode()
            : number.Float.GetHashCode();

    private bool SameEntries(MappingValue left, MappingValue right) =>
        left.Length == right.Length && left.Entries.All(entry => right.Find(entry.Key) is { } other && Equals(entry.Value, other));
}
