using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>Reads a template's source into what is executed.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private readonly NameUses _uses = new();
    private readonly Dictionary<string, Func<int, Statement>> _statements;
    private int _loops;

    private StatementParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens, _uses);
        _statements = new()
        {
            ["if"] = ParseIf,
            ["for"] = ParseFor,
            ["set"] = ParseSet,
            ["with"] = ParseWith,
            ["macro"] = ParseMacro,
            ["call"] = ParseCall,
            ["filter"] = ParseFilter,
            ["print"] = ParsePrint,
            ["break"] = line => ParseFlow(line, Flow.Break),
            ["continue"] = line => ParseFlow(line, Flow.Continue),
            ["generation"] = line => ParseApart(() => new ScopeStatement(line, [], ParseBody("endgeneration"))),
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
        StatementParser parser = new(new TokenStream(Lexer.Tokenize(source)));
        Body body = parser.ParseStatements([], out _);
        return body;
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
                    throw _tokens.Error($"Unexpected end of template, which needs '{wanted}' for the block that begins in line {openLine}.");
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
        Target target = ParseTarget(endName: "in");
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
        Target target = ParseTarget(allowsNamespace: true);
        if (_tokens.SkipOperator("="))
            return new SetStatement(line, target, _expressions.ParseTuple());
        CapturedExpression captured = new();
        Expression filtered = _expressions.ParseFilters(captured);
        return new CaptureStatement(line, target, captured, filtered, ParseBody("endset"));
    }

    private CaptureStatement ParseFilter(int line)
    {
        CapturedExpression captured = new();
        Expression filtered = _expressions.ParseFilters(captured, beginsInside: true);
        return new CaptureStatement(line, null, captured, filtered, ParseBody("endfilter"));
    }

    private ScopeStatement ParseWith(int line)
    {
        List<(Target, Expression)> bindings = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (bindings.Count > 0)
                _tokens.ExpectOperator(",");
            Target target = ParseTarget();
            _tokens.ExpectOperator("=");
            bindings.Add((target, _expressions.Parse()));
        }
        return new ScopeStatement(line, bindings, ParseBody("endwith"));
    }

    private MacroStatement ParseMacro(int line)
    {
        string name = _tokens.Expect(TokenKind.Name).Text;
        return new MacroStatement(line, ParseDefinition(name, ParseParameters, "endmacro"));
    }

    private CallStatement ParseCall(int line)
    {
        CallExpression? call = null;
        MacroDefinition caller = ParseDefinition(
            "caller",
            () =>
            {
                List<(string, Expression?)> parameters = _tokens.IsOperator("(") ? ParseParameters() : [];
                call = _expressions.Parse() as CallExpression ?? throw _tokens.Error("expected call");
                return parameters;
            },
            "endcall");
        return new CallStatement(line, call!, caller);
    }

    private MacroDefinition ParseDefinition(string name, Func<List<(string, Expression?)>> parseParameters, string end)
    {
        List<(string, Expression?)> parameters = parseParameters();
        _uses.Begin();
        Body body = ParseApart(() => ParseBody(end));
        HashSet<string> mentioned = _uses.End();
        return new MacroDefinition(name, parameters, body, mentioned.Contains("caller"), mentioned.Contains("varargs"), mentioned.Contains("kwargs"));
    }

    private List<(string, Expression?)> ParseParameters()
    {
        List<(string Name, Expression? Default)> parameters = [];
        _tokens.ExpectOperator("(");
        while (!_tokens.IsOperator(")"))
        {
            if (parameters.Count > 0)
                _tokens.ExpectOperator(",");
            string name = _tokens.Expect(TokenKind.Name).Text;
            Expression? byDefault = _tokens.SkipOperator("=") ? _expressions.Parse() : null;
            if (byDefault is null && parameters.Exists(static parameter => parameter.Default is not null))
                throw _tokens.Error("non-default argument follows default argument");
            parameters.Add((name, byDefault));
        }
        _tokens.ExpectOperator(")");
        return parameters;
    }

    private Statement ParsePrint(int line)
    {
        List<Statement> outputs = [];
        do
            outputs.Add(new OutputStatement(line, _expressions.Parse()));
        while (_tokens.SkipOperator(","));
        return outputs.Count == 1 ? outputs[0] : new IfStatement(line, [], new Body(outputs));
    }

    private FlowStatement ParseFlow(int line, Flow flow) => _loops > 0
        ? new FlowStatement(line, flow)
        : throw _tokens.Error($"'{(flow == Flow.Break ? "break" : "continue")}' outside loop");

    // Without inheritance a block is written where it stands.
    private ScopeStatement ParseBlock(int line)
    {
        string name = _tokens.Expect(TokenKind.Name).Text;
        while (_tokens.SkipName("scoped") || _tokens.SkipName("required")) { }
        Body body = ParseApart(() => ParseBody("endblock"));
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
        throw new TemplateException(TemplateErrorKind.Syntax, "The statements include, import, from and extends are not supported: a chat template is one file.", line);

    // A body that is a function of its own cannot leave the loop around it.
    private T ParseApart<T>(Func<T> parse)
    {
        int loops = _loops;
        _loops = 0;
        T parsed = parse();
        _loops = loops;
        return parsed;
    }

    private Target ParseTarget(string? endName = null, bool allowsNamespace = false)
    {
        List<Target> targets = [];
        bool isTuple = false;
        do
        {
            if (targets.Count > 0 && (endName is not null ? _tokens.IsName(endName) : _tokens.IsOperator("=") || _tokens.IsOperator(")")))
                break;
            targets.Add(ParseSingleTarget(allowsNamespace));
            isTuple |= _tokens.IsOperator(",");
        }
        while (_tokens.SkipOperator(","));
        return isTuple ? new TupleTarget(targets) : targets[0];
    }

    private Target ParseSingleTarget(bool allowsNamespace)
    {
        if (_tokens.SkipOperator("("))
        {
            Target nested = ParseTarget(allowsNamespace: allowsNamespace);
            _tokens.ExpectOperator(")");
            return nested;
        }
        if (_tokens.Current.Kind != TokenKind.Name)
            throw _tokens.Error($"Expected an expression, got '{_tokens.Current.Described}'");
        string name = _tokens.Take().Text;
        if (name is "true" or "True" or "false" or "False" or "none" or "None")
            throw _tokens.Error($"can't assign to '{name}'");
        if (!allowsNamespace || !_tokens.SkipOperator("."))
            return new NameTarget(name);
        return new NamespaceTarget(new NameExpression(name), _tokens.Expect(TokenKind.Name).Text);
    }
}
