namespace LocalInference.Text.Chat.Jinja.Syntax;

/// <summary>What a stretch of a template's source is.</summary>
internal enum TokenKind
{
    /// <summary>Text outside of tags.</summary>
    Data,

    /// <summary>The start of <c>{{</c>.</summary>
    OutputBegin,

    /// <summary>The end of <c>}}</c>.</summary>
    OutputEnd,

    /// <summary>The start of <c>{%</c>.</summary>
    BlockBegin,

    /// <summary>The end of <c>%}</c>.</summary>
    BlockEnd,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A text literal; the token's text is its value.</summary>
    Text,

    /// <summary>An integer literal.</summary>
    Integer,

    /// <summary>A float literal.</summary>
    Float,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>A piece of a template's source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; for texts and data what it stands for.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    /// <summary>As error messages name it.</summary>
    public string Described => Kind switch
    {
        TokenKind.Data => "template data",
        TokenKind.OutputBegin => "begin of print statement",
        TokenKind.OutputEnd => "end of print statement",
        TokenKind.BlockBegin => "begin of statement block",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.Text => "string",
        TokenKind.End => "end of template",
        _ => Text,
    };
}
