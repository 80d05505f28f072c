using LocalInference.Text.Chat.Jinja.Library;
using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>
/// Reads expressions. From loosest to tightest: <c>if else</c>, <c>or</c>, <c>and</c>, <c>not</c>, comparisons, <c>+ -</c>,
/// <c>~</c>, <c>* / // %</c>, <c>**</c> (from the left, unlike Python's), signs, then filters and tests, then postfixes.
/// </summary>
internal sealed class ExpressionParser(TokenStream tokens, NameUses uses)
{
    private static readonly LiteralExpression None = new(NoneValue.Instance);

    public Expression Parse()
    {
        tokens.CheckNesting();
        Expression value = ParseOr();
        while (tokens.SkipName("if"))
        {
            Expression condition = ParseOr();
            value = new ConditionalExpression(condition, value, tokens.SkipName("else") ? Parse() : null);
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
            isTuple |= tokens.IsOperator(",");
        }
        while (tokens.SkipOperator(","));
        if (!isTuple && elements.Count == 0)
            throw tokens.Error($"Expected an expression, got '{tokens.Current.Described}'");
        return isTuple ? new ListExpression(elements, isTuple: true) : elements[0];
    }

    /// <summary>The filters after a body: <c>{% set x | upper %}</c>.</summary>
    /// <param name="subject">What they are applied to.</param>
    /// <param name="beginsInside">Whether the first one's <c>|</c> is left out.</param>
    public Expression ParseFilters(Expression subject, bool beginsInside = false)
    {
        while (beginsInside || tokens.SkipOperator("|"))
        {
            beginsInside = false;
            string name = ParseDottedName();
            subject = new FilterExpression(subject, name, tokens.IsOperator("(") ? ParseArguments() : ArgumentList.Empty);
        }
        return subject;
    }

    public Expression ParsePrimary()
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
            case TokenKind.Integer:
                return new LiteralExpression(Numbers.TryParseInteger(token.Text, 0, out var integer) ? new IntegerValue(integer) : throw tokens.Error($"'{token.Text}' is no number"));
            case TokenKind.Float:
                return new LiteralExpression(Numbers.TryParseFloat(token.Text, out double real) ? new FloatValue(real) : throw tokens.Error($"'{token.Text}' is no number"));
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses();
            case TokenKind.Operator when token.Text == "[":
                return ParseList();
            case TokenKind.Operator when token.Text == "{":
                return ParseMapping();
            default:
                throw new TemplateException(TemplateErrorKind.Syntax, $"unexpected '{token.Described}'", token.Line);
        }
    }

    public Expression ParsePostfixes(Expression value)
    {
        while (true)
        {
            if (tokens.SkipOperator("."))
                value = ParseMember(value);
            else if (tokens.SkipOperator("["))
                value = ParseSubscript(value);
            else if (tokens.IsOperator("("))
                value = new CallExpression(value, ParseArguments());
            else
                return value;
        }
    }

    private bool IsTupleEnd(string? endName) => tokens.Current.Kind is TokenKind.OutputEnd or TokenKind.BlockEnd || tokens.IsOperator(")") || (endName is not null && tokens.IsName(endName));

    private Expression ParseOr()
    {
        Expression left = ParseAnd();
        while (tokens.SkipName("or"))
            left = new LogicExpression(isAnd: false, left, ParseAnd());
        return left;
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        while (tokens.SkipName("and"))
            left = new LogicExpression(isAnd: true, left, ParseNot());
        return left;
    }

    private Expression ParseNot()
    {
        tokens.CheckNesting();
        return tokens.IsName("not") && tokens.SkipName("not") ? UnaryExpression.Not(ParseNot()) : ParseComparison();
    }

    private Expression ParseComparison()
    {
        Expression first = ParseSum();
        List<(string, Expression)> rest = [];
        while (true)
        {
            string sign = tokens.Current.Text;
            if (tokens.Current.Kind == TokenKind.Operator && CompareExpression.Operations.ContainsKey(sign))
                tokens.Take();
            else if (tokens.SkipName("in"))
                sign = "in";
            else if (tokens.IsName("not") && tokens.Next is { Kind: TokenKind.Name, Text: "in" })
            {
                tokens.Take();
                tokens.Take();
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
        while (tokens.SkipOperator("~"))
            parts.Add(ParseProduct());
        return parts.Count == 1 ? parts[0] : new ConcatExpression(parts);
    }

    private Expression ParseProduct() => ParseLeft(["*", "/", "//", "%"], ParsePower);

    private Expression ParsePower() => ParseLeft(["**"], () => ParseSigned(takesFilters: true));

    private Expression ParseLeft(string[] signs, Func<Expression> parseOperand)
    {
        Expression left = parseOperand();
        while (tokens.Current.Kind == TokenKind.Operator && Array.IndexOf(signs, tokens.Current.Text) >= 0)
            left = new BinaryExpression(BinaryExpression.Operations[tokens.Take().Text], left, parseOperand());
        return left;
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

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (tokens.IsOperator("|"))
                value = ParseFilters(value);
            else if (tokens.SkipName("is"))
                value = ParseTest(value);
            else if (tokens.IsOperator("("))
                value = new CallExpression(value, ParseArguments());
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
            arguments = ParseArguments();
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

    private Expression ParseMember(Expression owner)
    {
        Token token = tokens.Take();
        return token.Kind switch
        {
            TokenKind.Name => new AttributeExpression(owner, token.Text),
            TokenKind.Integer when Numbers.TryParseInteger(token.Text, 10, out var index) => new ItemExpression(owner, new LiteralExpression(new IntegerValue(index))),
            _ => throw new TemplateException(TemplateErrorKind.Syntax, "expected name or number", token.Line),
        };
    }

    private Expression ParseSubscript(Expression owner)
    {
        List<Expression> keys = [];
        bool isTuple = false;
        do
        {
            Expression? start = tokens.IsOperator(":") ? None : Parse();
            if (tokens.SkipOperator(":"))
            {
                Expression stop = IsBoundAbsent() ? None : Parse();
                Expression step = tokens.SkipOperator(":") && !IsBoundAbsent() ? Parse() : None;
                tokens.ExpectOperator("]");
                return isTuple ? throw tokens.Error("a slice cannot be one of several subscripts") : new SliceExpression(owner, start, stop, step);
            }
            keys.Add(start);
            isTuple |= tokens.IsOperator(",");
        }
        while (tokens.SkipOperator(",") && !tokens.IsOperator("]"));
        tokens.ExpectOperator("]");
        return new ItemExpression(owner, isTuple ? new ListExpression(keys, isTuple: true) : keys[0]);
    }

    private bool IsBoundAbsent() => tokens.IsOperator("]") || tokens.IsOperator(":") || tokens.IsOperator(",");

    private Expression ParseParentheses()
    {
        Expression value = tokens.IsOperator(")") ? new ListExpression([], isTuple: true) : ParseTuple();
        tokens.ExpectOperator(")");
        return value;
    }

    private ListExpression ParseList()
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
            elements.Add(Parse());
        }
        tokens.ExpectOperator("]");
        return new ListExpression(elements, isTuple: false);
    }

    private MappingExpression ParseMapping()
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
            Expression key = Parse();
            tokens.ExpectOperator(":");
            entries.Add((key, Parse()));
        }
        tokens.ExpectOperator("}");
        return new MappingExpression(entries);
    }

    private ArgumentList ParseArguments()
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
                namedSpread = Once(namedSpread) ?? Parse();
            else if (tokens.SkipOperator("*"))
                spread = Once(spread ?? namedSpread) ?? Parse();
            else if (isNamed)
            {
                string name = tokens.Take().Text;
                tokens.Take();
                named.Add(new(name, Once(namedSpread) ?? Parse()));
            }
            else
                positional.Add(Once(spread ?? namedSpread ?? (named.Count > 0 ? named[0].Value : null)) ?? Parse());
        }
        tokens.ExpectOperator(")");
        return new ArgumentList(positional, named, spread, namedSpread);
    }

    // Some arguments cannot follow others.
    private Expression? Once(Expression? earlier) => earlier is null ? null : throw tokens.Error("invalid syntax for function call expression");
}
