namespace LocalInference.Text.Parsing;

/// <summary>Takes the part of an answer that is no reasoning.</summary>
internal interface IContentParser
{
    /// <summary>Tool calls that were completed.</summary>
    int CompletedToolCalls { get; }

    /// <summary>Takes the next piece; what became certain is appended to <paramref name="parts"/>.</summary>
    void Append(ReadOnlySpan<char> text, ICollection<AnswerPart> parts);

    /// <summary>The answer is over: gives out what was held back.</summary>
    void Complete(ICollection<AnswerPart> parts);
}

/// <summary>For when no tool calls are looked for: their markers are text like any other.</summary>
internal sealed class PlainContent : IContentParser
{
    public int CompletedToolCalls => 0;

    public void Append(ReadOnlySpan<char> text, ICollection<AnswerPart> parts)
    {
        if (!text.IsEmpty)
            parts.Add(new AnswerPart(AnswerPartKind.Content, text.ToString()));
    }

    public void Complete(ICollection<AnswerPart> parts) { }
}
