using LocalInference.Text.Chat.Jinja.Library;
using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>
/// Reads expressions. From loosest to tightest: <c>if else</c>, <c>or</c>, <c>and</c>, <c>not</c>, comparisons, <c>+ -</c>,
/// <c>~</c>, <c>* / // %</c>, <c>**</c> (from the left, unlike Python's), signs, then filters and tests, then postfixes.
/// </summary>
internal sealed class ExpressionParser
{
    private static readonly LiteralExpression None = new(NoneValue.Instance);

    private readonly TokenStream _tokens;
    private readonly NameUses _uses;
    private readonly BracketParser _brackets;

    public ExpressionParser(TokenStream tokens, NameUses uses)
    {
        _tokens = tokens;
        _uses = uses;
        _brackets = new BracketParser(tokens, this);
    }

    public Expression Parse()
    {
        _tokens.CheckNesting();
        Expression value = ParseOr();
        while (_tokens.SkipName("if"))
        {
            Expression condition = ParseOr();
            value = new ConditionalExpression(condition, value, _tokens.SkipName("else") ? Parse() : null);
        }
        return value;
    }

    /// <summary>An expression or, with commas, a tuple without parentheses.</summary>
    /// <param name="allowsCondition">Whether <c>if else</c> may stand here; not where an <c>if</c> means something else.</param>
    /// <param name="endName">A name that ends it.</param>
    public Expression ParseTuple(bool allowsCondition = true, string? endName = null)
    {
        List<Expression> elements = [];
        bool isTuple = false;
        do
        {
            if (IsTupleEnd(endName))
                break;
            elements.Add(allowsCondition ? Parse() : ParseOr());
            isTuple |= _tokens.IsOperator(",");
        }
        while (_tokens.SkipOperator(","));
        if (!isTuple && elements.Count == 0)
            throw _tokens.Error($"Expected an expression, got '{_tokens.Current.Described}'");
        return isTuple ? new ListExpression(elements, isTuple: true) : elements[0];
    }

    /// <summary>The filters after a body: <c>{% set x | upper %}</c>.</summary>
    /// <param name="subject">What they are applied to.</param>
    /// <param name="beginsInside">Whether the first one's <c>|</c> is left out.</param>
    public Expression ParseFilters(Expression subject, bool beginsInside = false)
    {
        while (beginsInside || _tokens.SkipOperator("|"))
        {
            beginsInside = false;
            string name = ParseDottedName();
            subject = new FilterExpression(subject, name, _tokens.IsOperator("(") ? _brackets.ParseArguments() : ArgumentList.Empty);
        }
        return subject;
    }

    public Expression ParsePrimary()
    {
        Token token = _tokens.Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(token.Text);
            case TokenKind.Text:
                string text = token.Text;
                while (_tokens.Current.Kind == TokenKind.Text)
                    text += _tokens.Take().Text;
                return new LiteralExpression(new StringValue(text, isInput: false));
            case TokenKind.Integer:
                return new LiteralExpression(Numbers.TryParseInteger(token.Text, 0, out var integer) ? new IntegerValue(integer) : throw _tokens.Error($"'{token.Text}' is no number"));
            case TokenKind.Float:
                return new LiteralExpression(Numbers.TryParseFloat(token.Text, out double real) ? new FloatValue(real) : throw _tokens.Error($"'{token.Text}' is no number"));
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses();
            case TokenKind.Operator when token.Text == "[":
                return _brackets.ParseList();
            case TokenKind.Operator when token.Text == "{":
                return _brackets.ParseMapping();
            default:
                throw new TemplateException(TemplateErrorKind.Syntax, $"unexpected '{token.Described}'", token.Line);
        }
    }

    public Expression ParsePostfixes(Expression value)
    {
        while (true)
        {
            if (_tokens.SkipOperator("."))
                value = ParseMember(value);
            else if (_tokens.SkipOperator("["))
                value = _brackets.ParseSubscript(value);
            else if (_tokens.IsOperator("("))
                value = new CallExpression(value, _brackets.ParseArguments());
            else
                return value;
        }
    }

    private bool IsTupleEnd(string? endName) => _tokens.Current.Kind is TokenKind.OutputEnd or TokenKind.BlockEnd || _tokens.IsOperator(")") || (endName is not null && _tokens.IsName(endName));

    private Expression ParseOr()
    {
        Expression left = ParseAnd();
        while (_tokens.SkipName("or"))
            left = new LogicExpression(isAnd: false, left, ParseAnd());
        return left;
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        while (_tokens.SkipName("and"))
            left = new LogicExpression(isAnd: true, left, ParseNot());
        return left;
    }

    private Expression ParseNot()
    {
        _tokens.CheckNesting();
        return _tokens.IsName("not") && _tokens.SkipName("not") ? UnaryExpression.Not(ParseNot()) : ParseComparison();
    }

    private Expression ParseComparison()
    {
        Expression first = ParseSum();
        List<(string, Expression)> rest = [];
        while (true)
        {
            string sign = _tokens.Current.Text;
            if (_tokens.Current.Kind == TokenKind.Operator && CompareExpression.Operations.ContainsKey(sign))
                _tokens.Take();
            else if (_tokens.SkipName("in"))
                sign = "in";
            else if (_tokens.IsName("not") && _tokens.Next is { Kind: TokenKind.Name, Text: "in" })
            {
                _tokens.Take();
                _tokens.Take();
                sign = "not in";
            }
            else
                return rest.Count == 0 ? first : new CompareExpression(first, rest);
            rest.Add((sign, ParseSum()));
        }
    }

    private Expression ParseSum() => ParseLeft(["+", "-"], ParseConcat);

    private Expression ParseConcat()
    {
        List<Expression> parts = [ParseProduct()];
        while (_tokens.SkipOperator("~"))
            parts.Add(ParseProduct());
        return parts.Count == 1 ? parts[0] : new ConcatExpression(parts);
    }

    private Expression ParseProduct() => ParseLeft(["*", "/", "//", "%"], ParsePower);

    private Expression ParsePower() => ParseLeft(["**"], () => ParseSigned(takesFilters: true));

    private Expression ParseLeft(string[] signs, Func<Expression> parseOperand)
    {
        Expression left = parseOperand();
        while (_tokens.Current.Kind == TokenKind.Operator && Array.IndexOf(signs, _tokens.Current.Text) >= 0)
            left = new BinaryExpression(BinaryExpression.Operations[_tokens.Take().Text], left, parseOperand());
        return left;
    }

    private Expression ParseSigned(bool takesFilters)
    {
        _tokens.CheckNesting();
        Expression value = _tokens.SkipOperator("-") ? new UnaryExpression(Operators.Negate, ParseSigned(takesFilters: false))
            : _tokens.SkipOperator("+") ? new UnaryExpression(Operators.Plus, ParseSigned(takesFilters: false))
            : ParsePrimary();
        value = ParsePostfixes(value);
        return takesFilters ? ParseFiltersAndTests(value) : value;
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (_tokens.IsOperator("|"))
                value = ParseFilters(value);
            else if (_tokens.SkipName("is"))
                value = ParseTest(value);
            else if (_tokens.IsOperator("("))
                value = new CallExpression(value, _brackets.ParseArguments());
            else
                return value;
        }
    }

    private Expression ParseTest(Expression subject)
    {
        bool isNegated = _tokens.SkipName("not");
        string name = ParseDottedName();
        ArgumentList arguments = ArgumentList.Empty;
        if (_tokens.IsOperator("("))
            arguments = _brackets.ParseArguments();
        else if (BeginsArgument())
        {
            if (_tokens.IsName("is"))
                throw _tokens.Error("You cannot chain multiple tests with is");
            arguments = new ArgumentList([ParsePostfixes(ParsePrimary())], []);
        }
        Expression test = new TestExpression(subject, name, arguments);
        return isNegated ? UnaryExpression.Not(test) : test;
    }

    // A test's single argument may come without parentheses.
    private bool BeginsArgument() => _tokens.Current.Kind switch
    {
        TokenKind.Name => _tokens.Current.Text is not ("else" or "or" or "and"),
        TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
        _ => _tokens.IsOperator("[") || _tokens.IsOperator("{"),
    };

    private string ParseDottedName()
    {
        string name = _tokens.Expect(TokenKind.Name).Text;
        while (_tokens.SkipOperator("."))
            name += "." + _tokens.Expect(TokenKind.Name).Text;
        return name;
    }

    private Expression ParseName(string name)
    {
        switch (name)
        {
            case "true" or "True": return new LiteralExpression(BoolValue.True);
            case "false" or "False": return new LiteralExpression(BoolValue.False);
            case "none" or "None": return None;
        }
        _uses.Mention(name);
        return new NameExpression(name);
    }

    private Expression ParseMember(Expression owner)
    {
        Token token = _tokens.Take();
        return token.Kind switch
        {
            TokenKind.Name => new AttributeExpression(owner, token.Text),
            TokenKind.Integer when Numbers.TryParseInteger(token.Text, 10, out var index) => new ItemExpression(owner, new LiteralExpression(new IntegerValue(index))),
            _ => throw new TemplateException(TemplateErrorKind.Syntax, "expected name or number", token.Line),
        };
    }

    private Expression ParseParentheses()
    {
        Expression value = _tokens.IsOperator(")") ? new ListExpression([], isTuple: true) : ParseTuple();
        _tokens.ExpectOperator(")");
        return value;
    }
}
