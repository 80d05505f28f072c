using LocalInference.Text.Chat.Jinja;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat;

/// <summary>
/// A last message that is to be gone on with: a mark is put at its end, and the prompt is cut where the mark comes out.
/// The rules, the blank in the mark included, are Hugging Face's.
/// </summary>
internal sealed class ContinuedMessage
{
    private const string Tag = "CONTINUE_FINAL_MESSAGE_TAG ";

    private readonly string _text;

    private ContinuedMessage(string text) => _text = text;

    /// <summary>Puts the mark into the last of the messages.</summary>
    public static ContinuedMessage Mark(List<Value> messages)
    {
        if (messages.Count == 0 || messages[^1] is not MappingValue last)
            throw TemplateException.Value("There is no message to continue.");
        switch (last.Find("content"))
        {
            case StringValue content:
                messages[^1] = last.With("content", Marked(content));
                return new ContinuedMessage(content.Text);
            case ListValue blocks:
                for (int i = blocks.Elements.Count - 1; i >= 0; i--)
                    if (blocks.Elements[i] is MappingValue block && block.Find("text") is StringValue text)
                    {
                        List<Value> marked = [.. blocks.Elements];
                        marked[i] = block.With("text", Marked(text));
                        messages[^1] = last.With("content", new ListValue(marked));
                        return new ContinuedMessage(text.Text);
                    }
                break;
        }
        throw TemplateException.Value("The message to continue has no text.");
    }

    /// <summary>Cuts a rendered prompt at the mark.</summary>
    public RenderedPrompt Cut(RenderedPrompt prompt)
    {
        string text = prompt.ToString();
        int end = text.LastIndexOf(Tag.Trim(), StringComparison.Ordinal);
        if (end < 0 || !text.Contains(_text.Trim(), StringComparison.Ordinal))
            throw TemplateException.Value(
                "The message to continue does not come out of the template, which may leave parts of the last message away.");
        // A template that trims messages took the mark's blank away: it would have trimmed the text's own as well.
        bool isTrimmed = string.CompareOrdinal(text, end, Tag, 0, Tag.Length) != 0;
        return new RenderedPrompt(prompt.Value.Slice(..(isTrimmed ? text[..end].TrimEnd().Length : end)));
    }

    private static StringValue Marked(StringValue text) => new(text.Text + Tag, isInput: true);
}
