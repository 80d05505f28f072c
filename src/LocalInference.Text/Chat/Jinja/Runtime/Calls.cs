namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>What a call passes.</summary>
/// <param name="Positional">In order.</param>
/// <param name="Named">By keyword, in order.</param>
internal sealed record CallArguments(IReadOnlyList<Value> Positional, IReadOnlyList<KeyValuePair<string, Value>> Named)
{
    public static readonly CallArguments None = new([], []);

    public Value? Find(string name)
    {
        foreach (KeyValuePair<string, Value> argument in Named)
            if (argument.Key == name)
                return argument.Value;
        return null;
    }

    /// <summary>Lays the arguments out by the callee's parameters: null where none came.</summary>
    /// <param name="callee">For the error message.</param>
    /// <param name="parameters">Names in order.</param>
    /// <param name="required">How many of them must come.</param>
    public Value?[] Bind(string callee, ReadOnlySpan<string> parameters, int required)
    {
        if (Positional.Count > parameters.Length)
            throw TemplateException.Type($"{callee}() takes at most {parameters.Length} arguments ({Positional.Count} given)");
        Value?[] bound = new Value?[parameters.Length];
        for (int i = 0; i < Positional.Count; i++)
            bound[i] = Positional[i];
        foreach ((string name, Value value) in Named)
        {
            int place = parameters.IndexOf(name);
            if (place < 0)
                throw TemplateException.Type($"{callee}() got an unexpected keyword argument '{name}'");
            if (bound[place] is not null)
                throw TemplateException.Type($"{callee}() got multiple values for argument '{name}'");
            bound[place] = value;
        }
        for (int i = 0; i < required; i++)
            if (bound[i] is null)
                throw TemplateException.Type($"{callee}() missing required argument '{parameters[i]}'");
        return bound;
    }
}

/// <summary>Something a template can call.</summary>
internal abstract class CallableValue : Value
{
    public abstract Value Call(RenderState state, CallArguments arguments);
}

/// <summary>A function or bound method of the library.</summary>
internal sealed class FunctionValue(string name, Func<RenderState, CallArguments, Value> body) : CallableValue
{
    public override string TypeName => "function";

    public override string Described => $"function {name}";

    public override Value Call(RenderState state, CallArguments arguments) => body(state, arguments);
}
