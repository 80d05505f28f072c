using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>Reads a template's source into what is executed.</summary>
internal sealed class StatementParser
{
    private readonly TemplateTokens _tokens;
    private readonly ExpressionParser _expressions;
    private readonly TargetParser _targets;
    private readonly Dictionary<string, Func<int, Statement>> _statements;
    private int _loops;

    private StatementParser(TemplateTokens tokens)
    {
        _tokens = tokens;
        NameUses uses = new();
        _expressions = new ExpressionParser(tokens, uses);
        _targets = new TargetParser(tokens);
        MacroParser macros = new(tokens, _expressions, uses, ParseBodyApart);
        _statements = new()
        {
            ["if"] = ParseIf,
            ["for"] = ParseFor,
            ["set"] = ParseSet,
            ["with"] = ParseWith,
            ["macro"] = macros.ParseMacro,
            ["call"] = macros.ParseCall,
            ["filter"] = ParseFilter,
            ["print"] = ParsePrint,
            ["break"] = line => ParseFlow(line, Flow.Break),
            ["continue"] = line => ParseFlow(line, Flow.Continue),
            ["generation"] = line => new ScopeStatement(line, [], ParseBodyApart("endgeneration")),
            ["block"] = ParseBlock,
            ["autoescape"] = ParseAutoescape,
            ["include"] = Refuse,
            ["import"] = Refuse,
            ["from"] = Refuse,
            ["extends"] = Refuse,
        };
    }

    public static Body Parse(string source)
    {
        StatementParser parser = new(new TemplateTokens(Lexer.Tokenize(source)));
        return parser.ParseStatements([], out _);
    }

    private Body ParseStatements(ReadOnlySpan<string> ends, out string end)
    {
        _tokens.CheckNesting();
        List<Statement> statements = [];
        int openLine = _tokens.Line;
        while (true)
        {
            Token token = _tokens.Take();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextStatement(token.Line, token.Text));
                    break;
                case TokenKind.OutputBegin:
                    statements.Add(new OutputStatement(token.Line, _expressions.ParseTuple()));
                    _tokens.Expect(TokenKind.OutputEnd);
                    break;
                case TokenKind.BlockBegin:
                    string name = _tokens.Expect(TokenKind.Name).Text;
                    if (ends.Contains(name))
                    {
                        end = name;
                        return new Body(statements);
                    }
                    statements.Add(ParseStatement(name, token.Line));
                    break;
                default:
                    end = "";
                    if (ends.IsEmpty)
                        return new Body(statements);
                    string wanted = string.Join("' or '", ends.ToArray());
                    throw _tokens.Error(
                        $"Unexpected end of template, which needs '{wanted}' for the block that begins in line {openLine}.");
            }
        }
    }

    private Statement ParseStatement(string name, int line)
    {
        if (!_statements.TryGetValue(name, out Func<int, Statement>? parse))
            throw _tokens.Error($"Encountered unknown tag '{name}'.");
        Statement statement = parse(line);
        _tokens.Expect(TokenKind.BlockEnd);
        return statement;
    }

    private Body ParseBody(string end) => ParseBody([end], out _);

    private Body ParseBody(ReadOnlySpan<string> ends, out string end)
    {
        _tokens.SkipOperator(":");
        _tokens.Expect(TokenKind.BlockEnd);
        return ParseStatements(ends, out end);
    }

    private IfStatement ParseIf(int line)
    {
        List<(Expression, Body)> branches = [];
        string end;
        do
        {
            Expression condition = _expressions.ParseTuple(allowsCondition: false);
            branches.Add((condition, ParseBody(["elif", "else", "endif"], out end)));
        }
        while (end == "elif");
        return new IfStatement(line, branches, end == "else" ? ParseBody("endif") : Body.Empty);
    }

    private ForStatement ParseFor(int line)
    {
        Target target = _targets.Parse(endName: "in");
        _tokens.ExpectName("in");
        Expression source = _expressions.ParseTuple(allowsCondition: false, endName: "recursive");
        Expression? filter = _tokens.SkipName("if") ? _expressions.Parse() : null;
        bool isRecursive = _tokens.SkipName("recursive");
        _loops++;
        Body body = ParseBody(["endfor", "else"], out string end);
        _loops--;
        return new ForStatement(line, target, source, filter, body, end == "else" ? ParseBody("endfor") : Body.Empty, isRecursive);
    }

    private Statement ParseSet(int line)
    {
        Target target = _targets.Parse(allowsNamespace: true);
        if (_tokens.SkipOperator("="))
            return new SetStatement(line, target, _expressions.ParseTuple());
        CapturedExpression captured = new();
        Expression filtered = _expressions.Operands.ParseFilters(captured);
        return new CaptureStatement(line, target, captured, filtered, ParseBody("endset"));
    }

    private CaptureStatement ParseFilter(int line)
    {
        CapturedExpression captured = new();
        Expression filtered = _expressions.Operands.ParseFilters(captured, beginsInside: true);
        return new CaptureStatement(line, null, captured, filtered, ParseBody("endfilter"));
    }

    private ScopeStatement ParseWith(int line)
    {
        List<(Target, Expression)> bindings = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (bindings.Count > 0)
                _tokens.ExpectOperator(",");
            Target target = _targets.Parse();
            _tokens.ExpectOperator("=");
            bindings.Add((target, _expressions.Parse()));
        }
        return new ScopeStatement(line, bindings, ParseBody("endwith"));
    }

    private OutputStatement ParsePrint(int line)
    {
        List<Expression> parts = [];
        do
            parts.Add(_expressions.Parse());
        while (_tokens.SkipOperator(","));
        return new OutputStatement(line, parts.Count == 1 ? parts[0] : new ConcatExpression(parts));
    }

    private FlowStatement ParseFlow(int line, Flow flow) => _loops > 0
        ? new FlowStatement(line, flow)
        : throw _tokens.Error($"'{(flow == Flow.Break ? "break" : "continue")}' outside loop");

    // Without inheritance a block is written where it stands.
    private ScopeStatement ParseBlock(int line)
    {
        string name = _tokens.Expect(TokenKind.Name).Text;
        while (_tokens.SkipName("scoped") || _tokens.SkipName("required")) { }
        Body body = ParseBodyApart("endblock");
        _tokens.SkipName(name);
        return new ScopeStatement(line, [], body);
    }

    private ScopeStatement ParseAutoescape(int line)
    {
        if (_expressions.Parse() is not LiteralExpression { Value.IsTrue: false })
            throw _tokens.Error("Only 'autoescape false' is supported: prompts are no HTML.");
        return new ScopeStatement(line, [], ParseBody("endautoescape"));
    }

    private Statement Refuse(int line) =>
        throw TemplateException.Syntax(
            "The statements include, import, from and extends are not supported: a chat template is one file.", line);

    // A body that is a function of its own cannot leave the loop around it.
    private Body ParseBodyApart(string end)
    {
        int loops = _loops;
        _loops = 0;
        Body body = ParseBody(end);
        _loops = loops;
        return body;
    }
}
