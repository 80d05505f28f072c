using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Tree;

/// <summary>What stands between the parentheses of a call.</summary>
/// <param name="Positional">In order.</param>
/// <param name="Named">By keyword.</param>
/// <param name="Spread">After <c>*</c>: a sequence of further positional ones.</param>
/// <param name="NamedSpread">After <c>**</c>: a mapping of further keywords.</param>
internal sealed record ArgumentList(
    IReadOnlyList<Expression> Positional,
    IReadOnlyList<KeyValuePair<string, Expression>> Named,
    Expression? Spread = null,
    Expression? NamedSpread = null)
{
    public static readonly ArgumentList Empty = new([], []);

    public CallArguments Evaluate(RenderState state, Scope scope)
    {
        if (Positional.Count == 0 && Named.Count == 0 && Spread is null && NamedSpread is null)
            return CallArguments.None;
        List<Value> positional = new(Positional.Count);
        foreach (Expression argument in Positional)
            positional.Add(argument.Evaluate(state, scope));
        List<KeyValuePair<string, Value>> named = new(Named.Count);
        foreach ((string name, Expression argument) in Named)
            named.Add(new(name, argument.Evaluate(state, scope)));
        if (Spread is not null)
            positional.AddRange(state.Collect(Spread.Evaluate(state, scope).Iterate()));
        if (NamedSpread is not null)
            AddNamed(named, NamedSpread.Evaluate(state, scope));
        return new CallArguments(positional, named);
    }

    private static void AddNamed(List<KeyValuePair<string, Value>> named, Value spread)
    {
        if (spread is not MappingValue mapping)
            throw TemplateException.Type($"argument after ** must be a mapping, not {spread.TypeName}");
        foreach ((Value key, Value value) in mapping.Entries)
        {
            if (key is not StringValue name)
                throw TemplateException.Type("keywords must be strings");
            if (named.Exists(entry => entry.Key == name.Text))
                throw TemplateException.Type($"got multiple values for keyword argument '{name.Text}'");
            named.Add(new(name.Text, value));
        }
    }
}
