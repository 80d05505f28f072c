using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Python's order and membership.</summary>
internal static class Comparisons
{
    public static bool Less(RenderState state, Value left, Value right) => Order("<", state, left, right) < 0;

    public static bool LessOrEqual(RenderState state, Value left, Value right) => Order("<=", state, left, right) <= 0;

    public static bool Greater(RenderState state, Value left, Value right) => Order(">", state, left, right) > 0;

    public static bool GreaterOrEqual(RenderState state, Value left, Value right) => Order(">=", state, left, right) >= 0;

    /// <summary>A stable sort, as Python's is: <c>reverse</c> keeps the order of equals too.</summary>
    public static List<T> Sort<T>(RenderState state, IEnumerable<T> items, Func<T, Value> key, bool reverse)
    {
        Comparer<Value> order = Comparer<Value>.Create((a, b) =>
        {
            state.Budget.TakeStep();
            return Less(state, a, b) ? -1 : Less(state, b, a) ? 1 : 0;
        });
        List<(T Item, Value Key)> keyed = [.. items.Select(item => (item, key(item)))];
        IOrderedEnumerable<(T Item, Value Key)> sorted = reverse
            ? keyed.OrderByDescending(static pair => pair.Key, order)
            : keyed.OrderBy(static pair => pair.Key, order);
        try
        {
            return [.. sorted.Select(static pair => pair.Item)];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is TemplateException inner)
        {
            throw inner;
        }
    }

    public static bool Contains(RenderState state, Value container, Value item)
    {
        switch (container)
        {
            case StringValue text:
                return item is StringValue part
                    ? text.Text.Contains(part.Text, StringComparison.Ordinal)
                    : throw TemplateException.Type($"'in <string>' requires string as left operand, not {item.TypeName}");
            case MappingValue mapping:
                ValueEquality.RequireHashable(item);
                return mapping.Find(item) is not null;
            default:
                IEnumerable<Value> items = container.Items
                    ?? throw TemplateException.Type($"argument of type '{container.TypeName}' is not iterable");
                return items.Any(element => state.Equality.Equals(element, item));
        }
    }

    // Null where Python answers False to every question of order: not-a-number.
    private static int? Order(string symbol, RenderState state, Value left, Value right)
    {
        left.RequireDefined();
        right.RequireDefined();
        RenderBudget.CheckStack();
        return (left, right) switch
        {
            (StringValue a, StringValue b) => CodePoints.Compare(a.Text, b.Text),
            (ListValue a, ListValue b) when a.IsTuple == b.IsTuple => OrderLists(symbol, state, a, b),
            _ when Numbers.TryGet(left, out Number a) && Numbers.TryGet(right, out Number b) =>
                double.IsNaN(a.AsFloat) || double.IsNaN(b.AsFloat) ? null : a.CompareTo(b),
            _ => throw TemplateException.Type($"'{symbol}' not supported between instances of '{left.TypeName}' and '{right.TypeName}'"),
        };
    }

    private static int? OrderLists(string symbol, RenderState state, ListValue left, ListValue right)
    {
        for (int i = 0; i < left.Elements.Count && i < right.Elements.Count; i++)
            if (!state.Equality.Equals(left.Elements[i], right.Elements[i]))
                return Order(symbol, state, left.Elements[i], right.Elements[i]);
        return left.Elements.Count.CompareTo(right.Elements.Count);
    }
}
