using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>
/// Reads expressions. From loosest to tightest: <c>if else</c>, <c>or</c>, <c>and</c>, <c>not</c>, comparisons, <c>+ -</c>,
/// <c>~</c>, <c>* / // %</c>, <c>**</c> (from the left, unlike Python's), and what these stand between (<see cref="OperandParser"/>).
/// </summary>
internal sealed class ExpressionParser
{
    private readonly TemplateTokens _tokens;

    public ExpressionParser(TemplateTokens tokens, NameUses uses)
    {
        _tokens = tokens;
        Operands = new OperandParser(tokens, uses, this);
    }

    public OperandParser Operands { get; }

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

    private bool IsTupleEnd(string? endName) =>
        _tokens.Current.Kind is TokenKind.OutputEnd or TokenKind.BlockEnd || _tokens.IsOperator(")")
            || (endName is not null && _tokens.IsName(endName));

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
        return _tokens.SkipName("not") ? UnaryExpression.Not(ParseNot()) : ParseComparison();
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

    private Expression ParsePower() => ParseLeft(["**"], Operands.Parse);

    private Expression ParseLeft(string[] signs, Func<Expression> parseOperand)
    {
        Expression left = parseOperand();
        while (_tokens.Current.Kind == TokenKind.Operator && Array.IndexOf(signs, _tokens.Current.Text) >= 0)
            left = new BinaryExpression(BinaryExpression.Operations[_tokens.Take().Text], left, parseOperand());
        return left;
    }
}
