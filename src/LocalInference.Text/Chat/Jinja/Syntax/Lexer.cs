using System.Text.RegularExpressions;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>
/// Cuts a template's source into tokens, as Jinja does with <c>trim_blocks</c> (the newline after a block goes) and
/// <c>lstrip_blocks</c> (blanks before a block that begins its line go), the settings that chat templates are written for.
/// </summary>
internal sealed partial class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;

    private Lexer(string source)
    {
        // One newline at the very end is no part of a template.
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = source.EndsWith('\n') ? source[..^1] : source;
    }

    public static List<Token> Tokenize(string source)
    {
        Lexer lexer = new(source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_at < _source.Length)
        {
            int tag = FindTag(_at);
            if (tag < 0)
            {
                Add(TokenKind.Data, _source[_at..]);
                break;
            }
            AddData(_source[_at..tag], SignAt(tag + 2), isVariable: _source[tag + 1] == '{');
            Advance(tag);
            ReadTag();
        }
        _tokens.Add(new Token(TokenKind.End, "", _line));
    }

    private int FindTag(int from)
    {
        for (int at = _source.IndexOf('{', from); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
            if (_source[at + 1] is '{' or '%' or '#')
                return at;
        return -1;
    }

    private char SignAt(int at) => at < _source.Length && _source[at] is '-' or '+' ? _source[at] : '\0';

    // What a tag's sign, or its place at the beginning of a line, takes away from the text before it.
    private void AddData(string text, char sign, bool isVariable)
    {
        if (sign == '-')
            text = TrimEnd(text);
        else if (sign == '\0' && !isVariable)
        {
            int lineStart = text.LastIndexOf('\n') + 1;
            bool beginsLine = lineStart > 0 || _at == 0 || _source[_at - 1] == '\n';
            if (beginsLine && TrimEnd(text).Length <= lineStart)
                text = text[..lineStart];
        }
        if (text.Length > 0)
            Add(TokenKind.Data, text);
    }

    private static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && CodePoints.IsSpace(text[end - 1]))
            end--;
        return text[..end];
    }

    private void ReadTag()
    {
        Match raw = RawBegin().Match(_source, _at);
        if (raw.Success)
            ReadRaw(raw);
        else if (_source[_at + 1] == '#')
            ReadComment();
        else
            ReadCode(isVariable: _source[_at + 1] == '{');
    }

    private void ReadRaw(Match begin)
    {
        Advance(begin.Index + begin.Length);
        Match end = RawEnd().Match(_source, _at);
        if (!end.Success)
            throw Error("Missing end of raw directive");
        AddData(_source[_at..end.Index], end.Groups["sign"].Value is [var sign] ? sign : '\0', isVariable: false);
        Advance(end.Index + end.Length);
    }

    private void ReadComment()
    {
        int start = _at + (SignAt(_at + 2) == '\0' ? 2 : 3);
        int end = _source.IndexOf("#}", Math.Min(start, _source.Length), StringComparison.Ordinal);
        if (end < 0)
            throw Error("Missing end of comment tag");
        char sign = end > start ? SignAt(end - 1) : '\0';
        Advance(end + 2);
        CloseTag(sign, trimsNewline: true);
    }

    private void CloseTag(char sign, bool trimsNewline)
    {
        int end = _at;
        if (sign == '-')
            while (end < _source.Length && CodePoints.IsSpace(_source[end]))
                end++;
        else if (trimsNewline && sign == '\0' && end < _source.Length && _source[end] == '\n')
            end++;
        Advance(end);
    }

    private void ReadCode(bool isVariable)
    {
        Add(isVariable ? TokenKind.OutputBegin : TokenKind.BlockBegin, isVariable ? "{{" : "{%");
        Advance(_at + (SignAt(_at + 2) == '\0' ? 2 : 3));
        CodeLexer code = new(_source, _at, _line, isVariable ? "}}" : "%}", _tokens);
        char sign = code.Run();
        _line = code.Line;
        _at = code.At;
        Add(isVariable ? TokenKind.OutputEnd : TokenKind.BlockEnd, isVariable ? "}}" : "%}");
        CloseTag(sign, trimsNewline: !isVariable);
    }

    private void Add(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, _line));

    private void Advance(int to)
    {
        _line += _source.AsSpan(_at, to - _at).Count('\n');
        _at = to;
    }

    private TemplateException Error(string words) => TemplateException.Syntax(words, _line);

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})", RegexOptions.CultureInvariant)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%(?<sign>[-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();
}
