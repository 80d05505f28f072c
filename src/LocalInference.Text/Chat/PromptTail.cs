using LocalInference.Text.Parsing;

namespace LocalInference.Text.Chat;

/// <summary>What the end of a rendered prompt says about the answer.</summary>
internal static class PromptTail
{
    /// <summary>
    /// Whether the prompt ends inside a reasoning block: the template's own <c>&lt;think&gt;</c> stands after every <c>&lt;/think&gt;</c>,
    /// and nothing of the template's but white space follows it. What a message says opens nothing.
    /// </summary>
    /// <param name="prompt">A rendered conversation.</param>
    public static bool OpensReasoning(RenderedPrompt prompt)
    {
        for (int i = prompt.Segments.Count - 1; i >= 0; i--)
        {
            PromptSegment segment = prompt.Segments[i];
            if (segment.IsInput)
            {
                if (segment.Text.Contains(Markers.ThinkEnd, StringComparison.Ordinal))
                    return false;
                continue;
            }
            int begin = segment.Text.LastIndexOf(Markers.ThinkBegin, StringComparison.Ordinal);
            ReadOnlySpan<char> rest = segment.Text.AsSpan(begin < 0 ? 0 : begin + Markers.ThinkBegin.Length);
            if (!rest.IsWhiteSpace())
                return false;
            if (begin >= 0)
                return true;
        }
        return false;
    }
}
