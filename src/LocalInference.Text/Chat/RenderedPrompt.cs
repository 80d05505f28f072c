namespace LocalInference.Text.Chat;

/// <summary>
/// A conversation as the chat template wrote it, in pieces that remember who wrote them: control tokens are recognised
/// in the template's own text only, so a user's <c>&lt;｜Assistant｜&gt;</c> stays text.
/// </summary>
/// <param name="Segments">In order; neighbours differ in origin; none is empty.</param>
public sealed record RenderedPrompt(IReadOnlyList<PromptSegment> Segments)
{
    /// <summary>The whole text.</summary>
    public override string ToString() => string.Concat(Segments.Select(s => s.Text));
}

/// <summary>A stretch of a rendered prompt from one origin.</summary>
/// <param name="Text">Never empty.</param>
/// <param name="IsInput">
/// True for text that came in with the request (messages, tools, template arguments); false for the template's own.
/// </param>
public readonly record struct PromptSegment(string Text, bool IsInput);
