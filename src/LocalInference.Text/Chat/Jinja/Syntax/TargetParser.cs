using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>Reads what a value can be bound to: names, attributes of namespaces, tuples of these.</summary>
internal sealed class TargetParser(TemplateTokens tokens)
{
    /// <param name="endName">A name that ends it; else <c>=</c> or <c>)</c> does.</param>
    /// <param name="allowsNamespace">Whether <c>a.b</c> may stand here.</param>
    public Target Parse(string? endName = null, bool allowsNamespace = false)
    {
        List<Target> targets = [];
        bool isTuple = false;
        do
        {
            if (targets.Count > 0 && (endName is not null ? tokens.IsName(endName) : tokens.IsOperator("=") || tokens.IsOperator(")")))
                break;
            targets.Add(ParseOne(allowsNamespace));
            isTuple |= tokens.IsOperator(",");
        }
        while (tokens.SkipOperator(","));
        return isTuple ? new TupleTarget(targets) : targets[0];
    }

    private Target ParseOne(bool allowsNamespace)
    {
        if (tokens.SkipOperator("("))
        {
            Target nested = Parse(allowsNamespace: allowsNamespace);
            tokens.ExpectOperator(")");
            return nested;
        }
        if (tokens.Current.Kind != TokenKind.Name)
            throw tokens.Error($"Expected an expression, got '{tokens.Current.Described}'");
        string name = tokens.Take().Text;
        if (name is "true" or "True" or "false" or "False" or "none" or "None")
            throw tokens.Error($"can't assign to '{name}'");
        return allowsNamespace && tokens.SkipOperator(".")
            ? new NamespaceTarget(new NameExpression(name), tokens.Expect(TokenKind.Name).Text)
            : new NameTarget(name);
    }
}
