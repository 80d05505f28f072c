namespace LocalInference.Text.Chat.Jinja;

/// <summary>What a template or its context did wrong. A closed list.</summary>
public enum TemplateErrorKind
{
    /// <summary>
    /// The template called <c>raise_exception</c>: the message is the template's own words, meant for whoever wrote the conversation.
    /// </summary>
    Raised,

    /// <summary>The template's text is no valid template; the message names the line.</summary>
    Syntax,

    /// <summary>Something that does not exist was used in a way that an absent value does not allow.</summary>
    Undefined,

    /// <summary>An operation met a type that it does not take.</summary>
    Type,

    /// <summary>An operation met a value that it does not take.</summary>
    Value,

    /// <summary>A filter, test or statement of that name does not exist here.</summary>
    UnknownName,

    /// <summary>
    /// The template reached for something the sandbox keeps closed: a method that changes its object, an internal attribute.
    /// </summary>
    Security,

    /// <summary>The rendering would have taken more time, memory or nesting than <see cref="TemplateLimits"/> allows.</summary>
    Limit,
}

/// <summary>A template that cannot be compiled, or a conversation that it cannot render.</summary>
public sealed class TemplateException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="words">The reason, without the line.</param>
    /// <param name="line">Line of the template, from 1; 0 when not known yet.</param>
    public TemplateException(TemplateErrorKind kind, string words, int line = 0)
        : base(kind == TemplateErrorKind.Raised || line == 0 ? words : $"{words} (template line {line})")
    {
        Kind = kind;
        Words = words;
        Line = line;
    }

    /// <summary>What went wrong.</summary>
    public TemplateErrorKind Kind { get; }

    /// <summary>The reason without the line; for <see cref="TemplateErrorKind.Raised"/> exactly what the template said.</summary>
    public string Words { get; }

    /// <summary>Line of the template, from 1; 0 when the error has none.</summary>
    public int Line { get; }

    /// <summary>The same error with its place, if it has none yet.</summary>
    internal TemplateException At(int line) => Line > 0 ? this : new TemplateException(Kind, Words, line);

    internal static TemplateException Syntax(string words, int line) => new(TemplateErrorKind.Syntax, words, line);

    internal static TemplateException Type(string words) => new(TemplateErrorKind.Type, words);

    internal static TemplateException Value(string words) => new(TemplateErrorKind.Value, words);

    internal static TemplateException Undefined(string words) => new(TemplateErrorKind.Undefined, words);

    internal static TemplateException Unknown(string words) => new(TemplateErrorKind.UnknownName, words);

    internal static TemplateException Security(string words) => new(TemplateErrorKind.Security, words);

    internal static TemplateException Limit(string words) => new(TemplateErrorKind.Limit, words);
}
