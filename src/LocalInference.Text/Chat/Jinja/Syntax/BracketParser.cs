using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>Reads what stands in brackets: subscripts, displays of collections, arguments.</summary>
internal sealed class BracketParser(TemplateTokens tokens, ExpressionParser expressions)
{
    private static readonly LiteralExpression None = new(NoneValue.Instance);

    /// <summary>After <c>[</c> behind a value.</summary>
    public Expression ParseSubscript(Expression owner)
    {
        List<Expression> keys = [];
        bool isTuple = false;
        do
        {
            Expression? start = tokens.IsOperator(":") ? None : expressions.Parse();
            if (tokens.SkipOperator(":"))
            {
                Expression stop = IsBoundAbsent() ? None : expressions.Parse();
                Expression step = tokens.SkipOperator(":") && !IsBoundAbsent() ? expressions.Parse() : None;
                tokens.ExpectOperator("]");
                return isTuple
                    ? throw tokens.Error("a slice cannot be one of several subscripts")
                    : new SliceExpression(owner, start, stop, step);
            }
            keys.Add(start);
            isTuple |= tokens.IsOperator(",");
        }
        while (tokens.SkipOperator(",") && !tokens.IsOperator("]"));
        tokens.ExpectOperator("]");
        return new ItemExpression(owner, isTuple ? new ListExpression(keys, isTuple: true) : keys[0]);
    }

    private bool IsBoundAbsent() => tokens.IsOperator("]") || tokens.IsOperator(":") || tokens.IsOperator(",");

    /// <summary>After <c>[</c>.</summary>
    public ListExpression ParseList()
    {
        List<Expression> elements = [];
        while (!tokens.IsOperator("]"))
        {
            if (elements.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.IsOperator("]"))
                    break;
            }
            elements.Add(expressions.Parse());
        }
        tokens.ExpectOperator("]");
        return new ListExpression(elements, isTuple: false);
    }

    /// <summary>After <c>{</c>.</summary>
    public MappingExpression ParseMapping()
    {
        List<(Expression, Expression)> entries = [];
        while (!tokens.IsOperator("}"))
        {
            if (entries.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.IsOperator("}"))
                    break;
            }
            Expression key = expressions.Parse();
            tokens.ExpectOperator(":");
            entries.Add((key, expressions.Parse()));
        }
        tokens.ExpectOperator("}");
        return new MappingExpression(entries);
    }

    /// <summary>From <c>(</c> on.</summary>
    public ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        List<Expression> positional = [];
        List<KeyValuePair<string, Expression>> named = [];
        Expression? spread = null, namedSpread = null;
        bool isFirst = true;
        while (!tokens.IsOperator(")"))
        {
            if (!isFirst)
            {
                tokens.ExpectOperator(",");
                if (tokens.IsOperator(")"))
                    break;
            }
            isFirst = false;
            bool isNamed = tokens.Current.Kind == TokenKind.Name && tokens.Next is { Kind: TokenKind.Operator, Text: "=" };
            if (tokens.SkipOperator("**"))
                namedSpread = Once(namedSpread) ?? expressions.Parse();
            else if (tokens.SkipOperator("*"))
                spread = Once(spread ?? namedSpread) ?? expressions.Parse();
            else if (isNamed)
            {
                string name = tokens.Take().Text;
                tokens.Take();
                named.Add(new(name, Once(namedSpread) ?? expressions.Parse()));
            }
            else
                positional.Add(Once(spread ?? namedSpread ?? (named.Count > 0 ? named[0].Value : null)) ?? expressions.Parse());
        }
        tokens.ExpectOperator(")");
        return new ArgumentList(positional, named, spread, namedSpread);
    }

    // Some arguments cannot follow others.
    private Expression? Once(Expression? earlier) =>
        earlier is null ? null : throw tokens.Error("invalid syntax for function call expression");
}
