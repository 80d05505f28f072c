using System.Numerics;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>All tests (<c>x is …</c>) by name.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Builtin> All = new()
    {
        ["defined"] = Test(static value => value is not UndefinedValue),
        ["undefined"] = Test(static value => value is UndefinedValue),
        ["none"] = Test(static value => value is NoneValue),
        ["boolean"] = Test(static value => value is BoolValue),
        ["true"] = Test(static value => value is BoolValue { Flag: true }),
        ["false"] = Test(static value => value is BoolValue { Flag: false }),
        ["integer"] = Test(static value => value is IntegerValue),
        ["float"] = Test(static value => value is FloatValue),
        ["number"] = Test(static value => value is IntegerValue or FloatValue or BoolValue),
        ["string"] = Test(static value => value is StringValue),
        ["mapping"] = Test(static value => value is MappingValue),
        ["sequence"] = Test(static value => value is StringValue or ListValue or MappingValue or RangeValue or UndefinedValue),
        ["iterable"] = Test(static value => value.Items is not null),
        ["callable"] = Test(static value => value is CallableValue or UndefinedValue),
        ["escaped"] = Test(static _ => false),
        ["odd"] = new("", static (state, value, _) => Remainder(state, value, 2, 1)),
        ["even"] = new("", static (state, value, _) => Remainder(state, value, 2, 0)),
        ["divisibleby"] = new("num!", static (state, value, a) =>
            BoolValue.Of(state.Equality.Equals(Operators.Modulo(state, value, a[0]!), IntegerValue.Zero))),
        ["lower"] = new("", static (state, value, _) => BoolValue.Of(CharacterTests.IsLower(state.Text(value).Text))),
        ["upper"] = new("", static (state, value, _) => BoolValue.Of(CharacterTests.IsUpper(state.Text(value).Text))),
        ["sameas"] = new("other!", static (_, value, a) => BoolValue.Of(IsSame(value, a[0]!))),
        ["in"] = new("seq!", static (state, value, a) => BoolValue.Of(Comparisons.Contains(state, a[0]!, value))),
        ["filter"] = new("", static (state, value, _) => BoolValue.Of(value is StringValue name && Filters.Exists(state, name.Text))),
        ["test"] = new("", static (_, value, _) => BoolValue.Of(value is StringValue name && Exists(name.Text))),
    };

    static Tests()
    {
        Alias(["eq", "==", "equalto"], static (state, a, b) => state.Equality.Equals(a, b));
        Alias(["ne", "!="], static (state, a, b) => !state.Equality.Equals(a, b));
        Alias(["lt", "<", "lessthan"], Comparisons.Less);
        Alias(["le", "<="], Comparisons.LessOrEqual);
        Alias(["gt", ">", "greaterthan"], Comparisons.Greater);
        Alias(["ge", ">="], Comparisons.GreaterOrEqual);
    }

    public static bool Exists(string name) => All.ContainsKey(name);

    public static bool Holds(RenderState state, string name, Value subject, CallArguments arguments) =>
        All.TryGetValue(name, out Builtin? test)
        ? test.Call(name, state, subject, arguments).IsTrue
        : throw TemplateException.Unknown($"No test named '{name}'.");

    private static Builtin Test(Func<Value, bool> holds) => new("", (_, value, _) => BoolValue.Of(holds(value)));

    private static void Alias(string[] names, Func<RenderState, Value, Value, bool> compare)
    {
        foreach (string name in names)
            All.Add(name, new Builtin("other!", (state, value, a) => BoolValue.Of(compare(state, value, a[0]!))));
    }

    // For a text Python's remainder is formatting; its result equals no number.
    private static BoolValue Remainder(RenderState state, Value value, int divisor, int wanted) =>
        BoolValue.Of(state.Equality.Equals(Operators.Modulo(state, value, new IntegerValue(divisor)), new IntegerValue(wanted)));

    // Python's identity, where it is more than chance: singletons, the same object, small integers and equal texts.
    private static bool IsSame(Value left, Value right) => ReferenceEquals(left, right) || (left, right) switch
    {
        (IntegerValue a, IntegerValue b) => a.Number == b.Number && a.Number >= -5 && a.Number <= new BigInteger(256),
        (StringValue a, StringValue b) => a.Text == b.Text,
        _ => false,
    };
}
