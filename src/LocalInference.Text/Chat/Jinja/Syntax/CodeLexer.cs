using System.Text.RegularExpressions;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>Cuts what stands inside one tag into tokens, up to the tag's end.</summary>
internal sealed partial class CodeLexer(string source, int start, int line, string close, List<Token> tokens)
{
    private static readonly string[] Operators =
    [
        "//", "**", "==", "!=", ">=", "<=",
        "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    private readonly Stack<char> _open = new();

    public int At { get; private set; } = start;

    public int Line { get; private set; } = line;

    /// <summary>Reads up to and over the end, and gives the sign that stood before it.</summary>
    public char Run()
    {
        while (At < source.Length)
        {
            // Inside of brackets the end's characters are operators: {{ {'a': {}} }}.
            if (_open.Count == 0 && TryEnd(out char sign))
                return sign;
            if (CodePoints.IsSpace(source[At]))
                Move(1);
            else if (source[At] is '\'' or '"')
                ReadText();
            else if (!TryReadNumber() && !TryReadName())
                ReadOperator();
        }
        throw Error($"unexpected end of template, expected '{close}'");
    }

    private bool TryEnd(out char sign)
    {
        ReadOnlySpan<char> rest = source.AsSpan(At);
        bool isSigned = rest[0] == '-' || (rest[0] == '+' && close == "%}");
        sign = '\0';
        if (rest.StartsWith(close, StringComparison.Ordinal))
            At += 2;
        else if (isSigned && rest[1..].StartsWith(close, StringComparison.Ordinal))
        {
            sign = rest[0];
            At += 3;
        }
        else
            return false;
        return true;
    }

    private void ReadText()
    {
        int end = At + 1;
        while (end < source.Length && source[end] != source[At])
            end += source[end] == '\\' ? 2 : 1;
        if (end >= source.Length)
            throw Error($"unexpected char {(source[At] == '"' ? "'\"'" : "\"'\"")} at {At}: the text has no end");
        Add(TokenKind.Text, TextLiteral.Unescape(source.AsSpan((At + 1)..end), Line));
        Move(end + 1 - At);
    }

    private bool TryReadNumber()
    {
        if (!char.IsAsciiDigit(source[At]))
            return false;
        bool followsDot = At > 0 && source[At - 1] == '.';
        Match number = followsDot ? Match.Empty : Float().Match(source, At);
        TokenKind kind = number.Success ? TokenKind.Float : TokenKind.Integer;
        if (!number.Success)
            number = Integer().Match(source, At);
        Add(kind, number.Value);
        Move(number.Length);
        return true;
    }

    private bool TryReadName()
    {
        int end = At;
        while (end < source.Length && (char.IsLetterOrDigit(source[end]) || source[end] == '_'))
            end++;
        if (end == At)
            return false;
        Add(TokenKind.Name, source[At..end]);
        Move(end - At);
        return true;
    }

    private void ReadOperator()
    {
        string sign = Array.Find(Operators, candidate => string.CompareOrdinal(source, At, candidate, 0, candidate.Length) == 0)
            ?? throw Error($"unexpected char '{source[At]}' at {At}");
        switch (sign[0])
        {
            case '(': _open.Push(')'); break;
            case '[': _open.Push(']'); break;
            case '{': _open.Push('}'); break;
            case ')' or ']' or '}':
                if (!_open.TryPop(out char expected))
                    throw Error($"unexpected '{sign}'");
                if (expected != sign[0])
                    throw Error($"unexpected '{sign}', expected '{expected}'");
                break;
        }
        Add(TokenKind.Operator, sign);
        Move(sign.Length);
    }

    private void Add(TokenKind kind, string text) => tokens.Add(new Token(kind, text, Line));

    private void Move(int count)
    {
        Line += source.AsSpan(At, count).Count('\n');
        At += count;
    }

    private TemplateException Error(string words) => TemplateException.Syntax(words, Line);

    [GeneratedRegex(@"\G(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+\-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(@"\G(?:0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Integer();
}
