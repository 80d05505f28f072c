using System.Numerics;
using LocalInference.Text.Chat.Jinja.Library;
using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>
/// Reads what operators stand between. From the inside out: a literal, a name or brackets; postfixes (<c>.a</c>, <c>[b]</c>, <c>(c)</c>);
/// signs; filters and tests.
/// </summary>
internal sealed class OperandParser(TemplateTokens tokens, NameUses uses, ExpressionParser expressions)
{
    private static readonly LiteralExpression None = new(NoneValue.Instance);

    private readonly BracketParser _brackets = new(tokens, expressions);

    public Expression Parse() => ParseSigned(takesFilters: true);

    /// <summary>Filters, where a <c>|</c> says that some follow.</summary>
    /// <param name="subject">What they are applied to.</param>
    /// <param name="beginsInside">Whether the first one's <c>|</c> is left out.</param>
    public Expression ParseFilters(Expression subject, bool beginsInside = false)
    {
        while (beginsInside || tokens.SkipOperator("|"))
        {
            beginsInside = false;
            string name = ParseDottedName();
            subject = new FilterExpression(subject, name, tokens.IsOperator("(") ? _brackets.ParseArguments() : ArgumentList.Empty);
        }
        return subject;
    }

    private Expression ParseSigned(bool takesFilters)
    {
        tokens.CheckNesting();
        Expression value = tokens.SkipOperator("-") ? new UnaryExpression(Operators.Negate, ParseSigned(takesFilters: false))
            : tokens.SkipOperator("+") ? new UnaryExpression(Operators.Plus, ParseSigned(takesFilters: false))
            : ParsePrimary();
        value = ParsePostfixes(value);
        return takesFilters ? ParseFiltersAndTests(value) : value;
    }

    private Expression ParsePrimary()
    {
        Token token = tokens.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(token.Text);
            case TokenKind.Text:
                string text = token.Text;
                while (tokens.Current.Kind == TokenKind.Text)
                    text += tokens.Take().Text;
                return new LiteralExpression(new StringValue(text, isInput: false));
            case TokenKind.Integer when Numbers.TryParseInteger(token.Text, 0, out BigInteger integer):
                return new LiteralExpression(new IntegerValue(integer));
            case TokenKind.Float when Numbers.TryParseFloat(token.Text, out double real):
                return new LiteralExpression(new FloatValue(real));
            case TokenKind.Integer or TokenKind.Float:
                throw TemplateException.Syntax($"'{token.Text}' is no number", token.Line);
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses();
            case TokenKind.Operator when token.Text == "[":
                return _brackets.ParseList();
            case TokenKind.Operator when token.Text == "{":
                return _brackets.ParseMapping();
            default:
                throw TemplateException.Syntax($"unexpected '{token.Described}'", token.Line);
        }
    }

    private Expression ParseName(string name)
    {
        switch (name)
        {
            case "true" or "True": return new LiteralExpression(BoolValue.True);
            case "false" or "False": return new LiteralExpression(BoolValue.False);
            case "none" or "None": return None;
        }
        uses.Mention(name);
        return new NameExpression(name);
    }

    private Expression ParseParentheses()
    {
        Expression value = tokens.IsOperator(")") ? new ListExpression([], isTuple: true) : expressions.ParseTuple();
        tokens.ExpectOperator(")");
        return value;
    }

    private Expression ParsePostfixes(Expression value)
    {
        while (true)
        {
            if (tokens.SkipOperator("."))
                value = ParseMember(value);
            else if (tokens.SkipOperator("["))
                value = _brackets.ParseSubscript(value);
            else if (tokens.IsOperator("("))
                value = new CallExpression(value, _brackets.ParseArguments());
            else
                return value;
        }
    }

    private Expression ParseMember(Expression owner)
    {
        Token token = tokens.Take();
        return token.Kind switch
        {
            TokenKind.Name => new AttributeExpression(owner, token.Text),
            TokenKind.Integer when Numbers.TryParseInteger(token.Text, 10, out BigInteger index) =>
                new ItemExpression(owner, new LiteralExpression(new IntegerValue(index))),
            _ => throw TemplateException.Syntax("expected name or number", token.Line),
        };
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (tokens.IsOperator("|"))
                value = ParseFilters(value);
            else if (tokens.SkipName("is"))
                value = ParseTest(value);
            else if (tokens.IsOperator("("))
                value = new CallExpression(value, _brackets.ParseArguments());
            else
                return value;
        }
    }

    private Expression ParseTest(Expression subject)
    {
        bool isNegated = tokens.SkipName("not");
        string name = ParseDottedName();
        ArgumentList arguments = ArgumentList.Empty;
        if (tokens.IsOperator("("))
            arguments = _brackets.ParseArguments();
        else if (BeginsArgument())
        {
            if (tokens.IsName("is"))
                throw tokens.Error("You cannot chain multiple tests with is");
            arguments = new ArgumentList([ParsePostfixes(ParsePrimary())], []);
        }
        Expression test = new TestExpression(subject, name, arguments);
        return isNegated ? UnaryExpression.Not(test) : test;
    }

    // A test's single argument may come without parentheses.
    private bool BeginsArgument() => tokens.Current.Kind switch
    {
        TokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and"),
        TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
        _ => tokens.IsOperator("[") || tokens.IsOperator("{"),
    };

    private string ParseDottedName()
    {
        string name = tokens.Expect(TokenKind.Name).Text;
        while (tokens.SkipOperator("."))
            name += "." + tokens.Expect(TokenKind.Name).Text;
        return name;
    }
}
