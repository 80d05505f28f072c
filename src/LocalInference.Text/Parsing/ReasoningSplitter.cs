namespace LocalInference.Text.Parsing;

/// <summary>
/// Tells the reasoning from what follows it. Reasoning is open from the start when the prompt opened it, or opens with a
/// <c>&lt;think&gt;</c> that is the answer's first word; <c>&lt;/think&gt;</c> ends it together with the newlines after it, which belong to
/// the template and not to the answer.
/// </summary>
/// <param name="opensReasoning">Whether the prompt ended inside a reasoning block.</param>
/// <param name="content">Takes what is no reasoning.</param>
internal sealed class ReasoningSplitter(bool opensReasoning, IContentParser content)
{
    // White space that may come before the marker: a model that writes nothing else must not have it held without end.
    private const int BlankLimit = 256;

    private static readonly string[] End = [Markers.ThinkEnd];

    private string _held = "";
    private State _state = State.Start;

    private enum State
    {
        /// <summary>Nothing but white space so far, or a beginning of the marker.</summary>
        Start,

        /// <summary>After the marker; newlines are skipped.</summary>
        Opened,

        /// <summary>Inside.</summary>
        Reasoning,

        /// <summary>After the end; newlines are skipped.</summary>
        Closed,

        /// <summary>Everything else.</summary>
        Content,
    }

    public bool InReasoning => _state is State.Opened or State.Reasoning || (_state == State.Start && opensReasoning);

    public void Append(ReadOnlySpan<char> text, ICollection<AnswerPart> parts)
    {
        if (_held.Length > 0)
            text = string.Concat(_held, text);
        _held = "";
        while (!text.IsEmpty)
            switch (_state)
            {
                case State.Start:
                    text = ReadStart(text);
                    break;
                case State.Opened or State.Closed:
                    text = text.TrimStart("\r\n");
                    if (!text.IsEmpty)
                        _state = _state == State.Opened ? State.Reasoning : State.Content;
                    break;
                case State.Reasoning:
                    text = ReadReasoning(text, parts);
                    break;
                default:
                    content.Append(text, parts);
                    return;
            }
    }

    public void Complete(ICollection<AnswerPart> parts)
    {
        if (_held.Length > 0 && InReasoning)
            parts.Add(new AnswerPart(AnswerPartKind.Reasoning, _held));
        else if (_held.Length > 0)
            content.Append(_held, parts);
        _held = "";
        content.Complete(parts);
    }

    private ReadOnlySpan<char> ReadStart(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> word = text.TrimStart();
        bool mayOpen = text.Length - word.Length <= BlankLimit;
        if (mayOpen && word.StartsWith(Markers.ThinkBegin, StringComparison.Ordinal))
        {
            _state = State.Opened;
            return word[Markers.ThinkBegin.Length..];
        }
        if (mayOpen && Markers.ThinkBegin.AsSpan().StartsWith(word, StringComparison.Ordinal))
        {
            _held = text.ToString();
            return default;
        }
        _state = opensReasoning ? State.Reasoning : State.Content;
        return text;
    }

    private ReadOnlySpan<char> ReadReasoning(ReadOnlySpan<char> text, ICollection<AnswerPart> parts)
    {
        int end = text.IndexOf(Markers.ThinkEnd, StringComparison.Ordinal);
        int held = end < 0 ? HeldText.Length(text, End) : 0;
        ReadOnlySpan<char> reasoning = end < 0 ? text[..^held] : text[..end];
        if (!reasoning.IsEmpty)
            parts.Add(new AnswerPart(AnswerPartKind.Reasoning, reasoning.ToString()));
        if (end < 0)
        {
            _held = text[^held..].ToString();
            return default;
        }
        _state = State.Closed;
        return text[(end + Markers.ThinkEnd.Length)..];
    }
}
