using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Tree;

/// <summary>A macro as written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">In order, with defaults where there are any.</param>
/// <param name="Body">What a call writes.</param>
/// <param name="UsesCaller">Whether the body mentions <c>caller</c>; only then may one be passed.</param>
/// <param name="UsesVarargs">Whether the body mentions <c>varargs</c>; only then may more arguments come than parameters.</param>
/// <param name="UsesKwargs">Whether the body mentions <c>kwargs</c>; only then may unknown keywords come.</param>
internal sealed record MacroDefinition(
    string Name,
    IReadOnlyList<(string Name, Expression? Default)> Parameters,
    Body Body,
    bool UsesCaller,
    bool UsesVarargs,
    bool UsesKwargs);

/// <summary><c>{% macro %}</c></summary>
internal sealed class MacroStatement(int line, MacroDefinition definition) : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope)
    {
        scope.Set(definition.Name, new MacroValue(definition, scope));
        return Flow.Next;
    }
}

/// <summary><c>{% call f() %}…{% endcall %}</c>: the body becomes the macro's <c>caller</c>.</summary>
internal sealed class CallStatement(int line, CallExpression call, MacroDefinition caller) : Statement(line)
{
    protected override Flow Run(RenderState state, Scope scope)
    {
        state.Output.Append(state.Text(call.Call(state, scope, new MacroValue(caller, scope))));
        return Flow.Next;
    }
}

/// <summary>A macro that can be called: it sees the names of the place where it was defined.</summary>
internal sealed class MacroValue(MacroDefinition definition, Scope outer) : CallableValue
{
    public override string TypeName => "Macro";

    public override string Described => $"Macro '{definition.Name}'";

    public override Value? Attribute(string name) => name switch
    {
        "name" => new StringValue(definition.Name, isInput: false),
        "arguments" =>
            new ListValue([.. definition.Parameters.Select(static p => (Value)new StringValue(p.Name, isInput: false))], isTuple: true),
        "catch_kwargs" => BoolValue.Of(definition.UsesKwargs),
        "catch_varargs" => BoolValue.Of(definition.UsesVarargs),
        "caller" => BoolValue.Of(definition.UsesCaller),
        _ => null,
    };

    public override Value Call(RenderState state, CallArguments arguments)
    {
        state.Budget.Enter();
        Scope scope = new(outer);
        Bind(state, scope, arguments);
        definition.Body.Capture(state, scope, out StringValue text);
        state.Budget.Leave();
        return text;
    }

    private void Bind(RenderState state, Scope scope, CallArguments arguments)
    {
        List<KeyValuePair<string, Value>> named = [.. arguments.Named];
        for (int i = 0; i < definition.Parameters.Count; i++)
        {
            (string name, Expression? byDefault) = definition.Parameters[i];
            int place = named.FindIndex(argument => argument.Key == name);
            if (i < arguments.Positional.Count)
                scope.Set(name, arguments.Positional[i]);
            else if (place >= 0)
            {
                scope.Set(name, named[place].Value);
                named.RemoveAt(place);
            }
            else
                scope.Set(name, byDefault?.Evaluate(state, scope) ?? UndefinedValue.Because($"parameter '{name}' was not provided"));
        }
        BindRest(scope, arguments, named);
    }

    private void BindRest(Scope scope, CallArguments arguments, List<KeyValuePair<string, Value>> named)
    {
        if (definition.UsesCaller)
        {
            int place = named.FindIndex(static argument => argument.Key == "caller");
            scope.Set("caller", place >= 0 ? named[place].Value : UndefinedValue.Because("No caller defined"));
            if (place >= 0)
                named.RemoveAt(place);
        }
        if (definition.UsesKwargs)
        {
            MappingValue rest = new();
            foreach ((string name, Value value) in named)
                rest.Set(name, value);
            scope.Set("kwargs", rest);
        }
        else if (named.Count > 0)
            throw TemplateException.Type($"macro '{definition.Name}' takes no keyword argument '{named[0].Key}'");
        if (definition.UsesVarargs)
            scope.Set("varargs", new ListValue([.. arguments.Positional.Skip(definition.Parameters.Count)], isTuple: true));
        else if (arguments.Positional.Count > definition.Parameters.Count)
            throw TemplateException.Type($"macro '{definition.Name}' takes not more than {definition.Parameters.Count} argument(s)");
    }
}
