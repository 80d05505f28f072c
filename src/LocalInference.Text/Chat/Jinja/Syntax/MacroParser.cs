using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>Reads macros, and calls that pass a body as one.</summary>
/// <param name="tokens">The template's.</param>
/// <param name="expressions">Reads defaults and calls.</param>
/// <param name="uses">Told where macros begin and end.</param>
/// <param name="parseBody">Reads a body up to the tag of this name; no loop around it can be left from inside.</param>
internal sealed class MacroParser(TemplateTokens tokens, ExpressionParser expressions, NameUses uses, Func<string, Body> parseBody)
{
    /// <summary>After <c>macro</c>.</summary>
    public MacroStatement ParseMacro(int line)
    {
        string name = tokens.Expect(TokenKind.Name).Text;
        return new MacroStatement(line, ParseDefinition(name, ParseParameters(), "endmacro"));
    }

    /// <summary>After <c>call</c>.</summary>
    public CallStatement ParseCall(int line)
    {
        List<(string, Expression?)> parameters = tokens.IsOperator("(") ? ParseParameters() : [];
        CallExpression call = expressions.Parse() as CallExpression ?? throw tokens.Error("expected call");
        return new CallStatement(line, call, ParseDefinition("caller", parameters, "endcall"));
    }

    private MacroDefinition ParseDefinition(string name, List<(string, Expression?)> parameters, string end)
    {
        uses.Begin();
        Body body = parseBody(end);
        HashSet<string> mentioned = uses.End();
        return new MacroDefinition(
            name, parameters, body, mentioned.Contains("caller"), mentioned.Contains("varargs"), mentioned.Contains("kwargs"));
    }

    private List<(string, Expression?)> ParseParameters()
    {
        List<(string Name, Expression? Default)> parameters = [];
        tokens.ExpectOperator("(");
        while (!tokens.IsOperator(")"))
        {
            if (parameters.Count > 0)
                tokens.ExpectOperator(",");
            string name = tokens.Expect(TokenKind.Name).Text;
            Expression? byDefault = tokens.SkipOperator("=") ? expressions.Parse() : null;
            if (byDefault is null && parameters.Exists(static parameter => parameter.Default is not null))
                throw tokens.Error("non-default argument follows default argument");
            parameters.Add((name, byDefault));
        }
        tokens.ExpectOperator(")");
        return parameters;
    }
}
