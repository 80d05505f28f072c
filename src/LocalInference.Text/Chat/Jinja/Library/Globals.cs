using System.Numerics;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>
/// Functions that every template can call. <c>lipsum</c> exists, as a name, and refuses: a prompt must not depend on chance.
/// </summary>
internal static class Globals
{
    public static readonly IReadOnlyDictionary<string, Value> All = new Dictionary<string, Func<RenderState, CallArguments, Value>>
    {
        ["range"] = Range,
        ["dict"] = Dict,
        ["namespace"] = Namespace,
        ["joiner"] = static (state, arguments) => new JoinerValue(state.Text(
            arguments.Bind("joiner", ["sep"], required: 0)[0] ?? new StringValue(", ", isInput: false))),
        ["cycler"] = static (_, arguments) => arguments.Positional.Count > 0
            ? new CyclerValue(arguments.Positional)
            : throw TemplateException.Type("at least one item has to be provided"),
        ["lipsum"] = static (_, _) => throw TemplateException.Unknown("lipsum is not supported: a prompt must not depend on chance."),
        ["raise_exception"] = static (state, arguments) => throw new TemplateException(
            TemplateErrorKind.Raised, state.Text(arguments.Bind("raise_exception", ["message"], required: 1)[0]!).Text),
        ["strftime_now"] = static (state, arguments) => arguments.Bind("strftime_now", ["format"], required: 1)[0] is StringValue format
            ? format.Derive(DateText.Format(state.Now, format.Text))
            : throw TemplateException.Type("strftime_now() argument 1 must be str"),
    }.ToDictionary(static function => function.Key, static Value (function) => new FunctionValue(function.Key, function.Value));

    private static Value Range(RenderState state, CallArguments arguments)
    {
        if (arguments.Named.Count > 0 || arguments.Positional.Count is 0 or > 3)
            throw TemplateException.Type($"range expected 1 to 3 arguments, got {arguments.Positional.Count}");
        BigInteger[] bounds = [.. arguments.Positional.Select(Bound)];
        (BigInteger start, BigInteger stop, BigInteger step) = bounds.Length switch
        {
            1 => (BigInteger.Zero, bounds[0], BigInteger.One),
            2 => (bounds[0], bounds[1], BigInteger.One),
            _ => (bounds[0], bounds[1], bounds[2]),
        };
        if (step.IsZero)
            throw TemplateException.Value("range() arg 3 must not be zero");
        BigInteger count = BigInteger.Max(0, step.Sign > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step);
        return count <= state.Budget.Limits.RangeLength
            ? new RangeValue(start, stop, step, (int)count)
            : throw TemplateException.Value(
                $"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({state.Budget.Limits.RangeLength}).");
    }

    private static BigInteger Bound(Value value)
    {
        value.RequireDefined();
        return Numbers.TryGetInteger(value, out BigInteger number)
            ? number
            : throw TemplateException.Type($"'{value.TypeName}' object cannot be interpreted as an integer");
    }

    private static Value Dict(RenderState state, CallArguments arguments)
    {
        MappingValue mapping = new();
        Fill(state, arguments, (key, value) => mapping.Set(key, value));
        return mapping;
    }

    private static Value Namespace(RenderState state, CallArguments arguments)
    {
        NamespaceValue space = new();
        Fill(state, arguments, (key, value) => space.Set(state.Text(key).Text, value));
        return space;
    }

    // dict and namespace take a mapping or pairs, and keywords.
    private static void Fill(RenderState state, CallArguments arguments, Action<Value, Value> set)
    {
        if (arguments.Positional.Count > 1)
            throw TemplateException.Type($"dict expected at most 1 argument, got {arguments.Positional.Count}");
        if (arguments.Positional is [MappingValue source])
            foreach ((Value key, Value value) in source.Entries)
                set(key, value);
        else if (arguments.Positional is [var pairs])
            foreach (Value pair in pairs.Iterate())
            {
                List<Value> parts = state.Collect(pair.Iterate());
                if (parts.Count != 2)
                    throw TemplateException.Value($"dictionary update sequence element has length {parts.Count}; 2 is required");
                set(parts[0], parts[1]);
            }
        foreach ((string name, Value value) in arguments.Named)
            set(new StringValue(name, isInput: false), value);
        state.Budget.TakeElements(arguments.Named.Count);
    }
}
