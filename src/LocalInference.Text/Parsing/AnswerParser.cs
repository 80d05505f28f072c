namespace LocalInference.Text.Parsing;

/// <summary>
/// Reads an answer's text, in whatever pieces it comes, into reasoning, content and tool calls. It gives out only what is certain,
/// as soon as it is, and the parts are the same however the text is cut (neighbours of one kind put together).
/// What breaks a format off is given out as the text that it is: no character of a broken call is lost.
/// </summary>
/// <remarks>
/// Not thread-safe; one per answer. Reasoning is open from the start when the prompt opened it, or opens with a <c>&lt;think&gt;</c> that
/// is the answer's first word; <c>&lt;/think&gt;</c> ends it together with the newlines after it, which belong to the template and not to
/// the answer. What follows is content, in which a <see cref="CallParser"/> looks for calls.
/// </remarks>
/// <param name="opensReasoning">Whether the prompt ended inside a reasoning block.</param>
/// <param name="format">How tool calls are written; <see cref="ToolCallFormat.None"/> where none are looked for.</param>
internal sealed class AnswerParser(bool opensReasoning, ToolCallFormat format)
{
    // White space that may come before the marker: a model that writes nothing else must not have it held without end.
    private const int BlankLimit = 256;

    private static readonly string[] End = [Markers.ThinkEnd];

    private readonly CallParser? _calls = format switch
    {
        ToolCallFormat.Fenced or ToolCallFormat.Bare => new MarkedCallParser(),
        ToolCallFormat.Dsml => new DsmlCallParser(),
        ToolCallFormat.Hermes => new HermesCallParser(),
        _ => null,
    };

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

    /// <summary>Whether what comes next is reasoning, as far as is known.</summary>
    public bool InReasoning => _state is State.Opened or State.Reasoning || (_state == State.Start && opensReasoning);

    /// <summary>Tool calls that were completed.</summary>
    public int CompletedToolCalls => _calls?.CompletedToolCalls ?? 0;

    /// <summary>Takes the next piece of the answer's decoded text, control tokens other than the end token as they are written.</summary>
    /// <param name="text">Whole characters.</param>
    /// <param name="parts">What became certain is appended; no part is empty.</param>
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
                    AddContent(text, parts);
                    return;
            }
    }

    /// <summary>The answer is over: gives out what was held back.</summary>
    /// <param name="parts">What was held back is appended.</param>
    public void Complete(ICollection<AnswerPart> parts)
    {
        if (_held.Length > 0 && InReasoning)
            parts.Add(new AnswerPart(AnswerPartKind.Reasoning, _held));
        else if (_held.Length > 0)
            AddContent(_held, parts);
        _held = "";
        _calls?.Complete(parts);
    }

    private void AddContent(ReadOnlySpan<char> text, ICollection<AnswerPart> parts)
    {
        if (_calls is null)
            parts.Add(new AnswerPart(AnswerPartKind.Content, text.ToString()));
        else
            _calls.Append(text, parts);
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
