using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Jinja's joiner: nothing at the first call, the separator ever after.</summary>
internal sealed class JoinerValue(StringValue separator) : CallableValue
{
    private bool _wasUsed;

    public override string TypeName => "Joiner";

    public override Value Call(RenderState state, CallArguments arguments)
    {
        StringValue given = _wasUsed ? separator : StringValue.Empty;
        _wasUsed = true;
        return given;
    }
}

/// <summary>Jinja's cycler: its values in turn, across loops.</summary>
internal sealed class CyclerValue(IReadOnlyList<Value> values) : Value
{
    private int _at;

    public override string TypeName => "Cycler";

    public override Value? Attribute(string name) => name switch
    {
        "current" => values[_at],
        "next" => new FunctionValue("next", (_, _) => Next()),
        "reset" => new FunctionValue("reset", (_, _) => Reset()),
        _ => null,
    };

    private Value Next()
    {
        Value current = values[_at];
        _at = (_at + 1) % values.Count;
        return current;
    }

    private NoneValue Reset()
    {
        _at = 0;
        return NoneValue.Instance;
    }
}
