using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Parsing;

namespace LocalInference.Text.Chat;

/// <summary>
/// A conversation as the chat template wrote it: one text that remembers who wrote which part of it. Control tokens are recognised in the
/// template's own parts only, so a user's <c>&lt;｜Assistant｜&gt;</c> stays text.
/// </summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed class RenderedPrompt
{
    internal RenderedPrompt(StringValue value) => Value = value;

    /// <summary>The text part by part, in order; neighbours differ in origin.</summary>
    public IEnumerable<PromptSegment> Segments
    {
        get
        {
            for (int i = 0; i < Value.Runs.Length; i++)
                yield return new PromptSegment(PartAt(i).ToString(), Value.Runs[i].IsInput);
        }
    }

    /// <summary>The text with its origins, as the template engine keeps it.</summary>
    internal StringValue Value { get; }

    /// <summary>
    /// Whether the prompt ends inside a reasoning block: the template's own <c>&lt;think&gt;</c> stands after every <c>&lt;/think&gt;</c>,
    /// and nothing of the template's but white space follows it. What a message says opens nothing.
    /// </summary>
    internal bool OpensReasoning
    {
        get
        {
            for (int i = Value.Runs.Length - 1; i >= 0; i--)
            {
                ReadOnlySpan<char> part = PartAt(i);
                if (Value.Runs[i].IsInput)
                {
                    if (part.Contains(Markers.ThinkEnd, StringComparison.Ordinal))
                        return false;
                    continue;
                }
                int begin = part.LastIndexOf(Markers.ThinkBegin, StringComparison.Ordinal);
                if (!part[(begin < 0 ? 0 : begin + Markers.ThinkBegin.Length)..].IsWhiteSpace())
                    return false;
                if (begin >= 0)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The whole text.</summary>
    public override string ToString() => Value.Text;

    private ReadOnlySpan<char> PartAt(int index) => Value.Text.AsSpan((index == 0 ? 0 : Value.Runs[index - 1].End)..Value.Runs[index].End);
}

/// <summary>A stretch of a rendered prompt from one origin.</summary>
/// <param name="Text">Never empty.</param>
/// <param name="IsInput">
/// True for text that came in with the request (messages, tools, template arguments); false for the template's own.
/// </param>
public readonly record struct PromptSegment(string Text, bool IsInput);
