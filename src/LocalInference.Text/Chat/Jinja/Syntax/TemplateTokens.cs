using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>The tokens of a template, read from front to back.</summary>
internal sealed class TemplateTokens(List<Token> tokens)
{
    private int _at;

    public Token Current => tokens[_at];

    public Token Next => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public int Line => Current.Line;

    public Token Take()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End)
            _at++;
        return token;
    }

    public bool IsOperator(string sign) => Current.Kind == TokenKind.Operator && Current.Text == sign;

    public bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Text == name;

    public bool SkipOperator(string sign) => Skip(IsOperator(sign));

    public bool SkipName(string name) => Skip(IsName(name));

    public void ExpectOperator(string sign)
    {
        if (!SkipOperator(sign))
            throw Error($"unexpected '{Current.Described}', expected '{sign}'");
    }

    public void ExpectName(string name)
    {
        if (!SkipName(name))
            throw Error($"unexpected '{Current.Described}', expected '{name}'");
    }

    public Token Expect(TokenKind kind) => Current.Kind == kind
        ? Take()
        : throw Error(
            $"unexpected '{Current.Described}', expected {(kind == TokenKind.Name ? "a name" : $"'{new Token(kind, "", 0).Described}'")}");

    public TemplateException Error(string words) => TemplateException.Syntax(words, Line);

    /// <summary>Brackets and blocks inside each other are read by recursion.</summary>
    public void CheckNesting()
    {
        try
        {
            RenderBudget.CheckStack();
        }
        catch (TemplateException tooDeep)
        {
            throw Error(tooDeep.Words);
        }
    }

    private bool Skip(bool isThere)
    {
        if (isThere)
            Take();
        return isThere;
    }
}
