namespace LocalInference.Text.Parsing;

/// <summary>
/// Reads an answer's text, in whatever pieces it comes, into reasoning, content and tool calls. It gives out only what is certain,
/// as soon as it is, and the parts are the same however the text is cut (neighbours of one kind put together).
/// What breaks a format off is given out as the text that it is: no character of a broken call is lost.
/// </summary>
/// <remarks>Not thread-safe; one per answer.</remarks>
internal sealed class AnswerParser
{
    private readonly IContentParser _content;
    private readonly ReasoningSplitter _reasoning;

    /// <summary>Makes a parser for one answer.</summary>
    /// <param name="opensReasoning">Whether the prompt ended inside a reasoning block.</param>
    /// <param name="format">How tool calls are written; <see cref="ToolCallFormat.None"/> where none are looked for.</param>
    public AnswerParser(bool opensReasoning, ToolCallFormat format)
    {
        _content = format switch
        {
            ToolCallFormat.Fenced or ToolCallFormat.Bare => new MarkedCallParser(),
            ToolCallFormat.Dsml => new DsmlCallParser(),
            ToolCallFormat.Hermes => new HermesCallParser(),
            _ => new PlainContent(),
        };
        _reasoning = new ReasoningSplitter(opensReasoning, _content);
    }

    /// <summary>Whether what comes next is reasoning, as far as is known.</summary>
    public bool InReasoning => _reasoning.InReasoning;

    /// <summary>Tool calls that were completed.</summary>
    public int CompletedToolCalls => _content.CompletedToolCalls;

    /// <summary>Takes the next piece of the answer's decoded text, control tokens other than the end token as they are written.</summary>
    /// <param name="text">Whole characters.</param>
    /// <param name="parts">What became certain is appended; no part is empty.</param>
    public void Append(ReadOnlySpan<char> text, ICollection<AnswerPart> parts) => _reasoning.Append(text, parts);

    /// <summary>The answer is over: gives out what was held back.</summary>
    /// <param name="parts">What was held back is appended.</param>
    public void Complete(ICollection<AnswerPart> parts) => _reasoning.Complete(parts);
}
