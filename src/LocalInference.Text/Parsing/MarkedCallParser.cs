namespace LocalInference.Text.Parsing;

/// <summary>
/// DeepSeek's calls between markers, in both forms: type, separator, name and fenced arguments (R1, V3), or name, separator and
/// bare arguments (V3.1). Small models leave parts out, so a missing outer marker, fence or end is forgiven.
/// </summary>
internal sealed class MarkedCallParser : CallParser
{
    private const int BlankLimit = 256;
    private const int LanguageLimit = 16;
    private const string Fence = "```";
    private const string FenceEnd = "\n```";

    private static readonly string[] Begins = [Markers.CallsBegin, Markers.CallBegin];
    private static readonly string[] Ends = [Markers.CallEnd, Markers.CallsEnd, Markers.CallBegin];
    private static readonly string[] AllMarkers = [Markers.CallSeparator, Markers.CallEnd, Markers.CallsEnd, Markers.CallBegin, Markers.CallsBegin];

    private State _state = State.Content;
    private string _type = "";
    private bool _isFenced;

    private enum State
    {
        Content,

        /// <summary>Between the outer markers, before or after a call.</summary>
        Between,

        /// <summary>Before the separator.</summary>
        Type,

        /// <summary>After it.</summary>
        Name,

        /// <summary>After the name, where the fence may open.</summary>
        Fence,

        Arguments,

        /// <summary>After the closing fence.</summary>
        Closed,
    }

    protected override bool TryRead(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        switch (_state)
        {
            case State.Content:
                bool isRead = TryReadContent(text, Begins, isEnd, parts, out taken, out string found);
                _state = found == Markers.CallsBegin ? State.Between : found == Markers.CallBegin ? State.Type : State.Content;
                return isRead;
            case State.Between or State.Closed:
                return TryReadBetween(text, isEnd, parts, out taken);
            case State.Type:
                return TryReadType(text, isEnd, parts, out taken);
            case State.Name:
                return TryReadName(text, isEnd, parts, out taken);
            case State.Fence:
                return TryReadFence(text, isEnd, out taken);
            default:
                return TryReadArguments(text, isEnd, parts, out taken);
        }
    }

    protected override void End(ICollection<AnswerPart> parts)
    {
        if (_state is State.Arguments or State.Fence)
            CompleteCallIfValid(parts);
        _state = State.Content;
    }

    private bool TryReadBetween(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        ReadOnlySpan<char> word = text.TrimStart();
        taken = text.Length - word.Length;
        if (HasUnproven)
            KeepUnproven(text[..taken]);
        if (!isEnd && MayBecome(word, Ends))
            return taken > 0;
        if (word.StartsWith(Markers.CallBegin, StringComparison.Ordinal))
        {
            taken += Markers.CallBegin.Length;
            KeepUnproven(Markers.CallBegin);
            _state = State.Type;
        }
        else if (word.StartsWith(Markers.CallsEnd, StringComparison.Ordinal) || (_state == State.Closed && word.StartsWith(Markers.CallEnd, StringComparison.Ordinal)))
        {
            bool isLast = word.StartsWith(Markers.CallsEnd, StringComparison.Ordinal);
            string marker = isLast ? Markers.CallsEnd : Markers.CallEnd;
            taken += marker.Length;
            if (HasUnproven)
            {
                KeepUnproven(marker);
                GiveUp(parts);
            }
            _state = isLast ? State.Content : State.Between;
        }
        else
        {
            // Right after the outer marker the inner one may have been left out; anywhere else this is no call.
            _state = HasUnproven ? State.Type : State.Content;
        }
        return true;
    }

    private bool TryReadType(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        taken = 0;
        int at = HeldText.FindFirst(text, AllMarkers, out string found);
        if (at < 0 && !isEnd && text.Length < HeaderLimit && !text.Contains('\n'))
            return false;
        if (at < 0 || at + found.Length > HeaderLimit || found != Markers.CallSeparator || !IsName(text[..at].Trim(' ')))
            return Break(parts);
        _type = text[..at].Trim(' ').ToString();
        taken = at + found.Length;
        KeepUnproven(text[..taken]);
        _state = State.Name;
        return true;
    }

    private bool TryReadName(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        taken = 0;
        ReadOnlySpan<char> word = text.TrimStart();
        int marker = HeldText.FindFirst(text, AllMarkers, out string found);
        int start = text.Length - word.Length;
        int end = word.IndexOfAny("\n`{") is var offset && offset < 0 ? -1 : start + offset;
        bool isMarker = marker >= 0 && (end < 0 || marker < end);
        end = isMarker ? marker : end;
        if (end + (isMarker ? found.Length : 1) > HeaderLimit)
            return Break(parts);
        if (end < 0 && !isEnd && text.Length < HeaderLimit)
            return false;
        // Without a name of its own after the separator, what stood before it was the name.
        ReadOnlySpan<char> name = end < 0 ? default : text[..end].Trim();
        string chosen = name.IsEmpty && end >= 0 ? _type : name.ToString();
        if (!IsName(chosen) || (name.IsEmpty && isMarker && _type == "function"))
            return Break(parts);
        taken = end;
        StartCall(chosen, parts);
        _isFenced = false;
        _state = State.Fence;
        return true;
    }

    private bool TryReadFence(ReadOnlySpan<char> text, bool isEnd, out int taken)
    {
        ReadOnlySpan<char> word = text.TrimStart();
        taken = text.Length - word.Length;
        if (!isEnd && MayBecome(word, [Fence]))
            return taken > 0;
        if (word.StartsWith(Fence, StringComparison.Ordinal))
        {
            ReadOnlySpan<char> rest = Skip(Skip(word[Fence.Length..], char.IsAsciiLetter), static character => character is ' ' or '\t' or '\r');
            if (rest.IsEmpty && !isEnd)
                return taken > 0;
            taken = text.Length - rest.Length + (rest.StartsWith("\n") ? 1 : 0);
            _isFenced = true;
        }
        _state = State.Arguments;
        return true;
    }

    // A language's name is short, and so are the blanks after it.
    private static ReadOnlySpan<char> Skip(ReadOnlySpan<char> text, Func<char, bool> test)
    {
        int count = 0;
        while (count < text.Length && count < LanguageLimit && test(text[count]))
            count++;
        return text[count..];
    }

    private bool TryReadArguments(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        int marker = HeldText.FindFirst(text, Ends, out string found);
        // No JSON text holds a line that begins with a fence: in texts newlines are escaped.
        int fence = _isFenced ? FenceStart(text, isAtStart: !HasArguments) : -1;
        if (fence >= 0 && (marker < 0 || fence < marker))
        {
            AddArguments(text[..fence], parts);
            CompleteCall(parts);
            taken = fence + (text[fence] == '\n' ? FenceEnd.Length : Fence.Length);
            _state = State.Closed;
            return true;
        }
        if (marker < 0)
        {
            taken = isEnd ? text.Length : text.Length - HeldLength(text);
            AddArguments(isEnd ? WithoutEnd(text) : text[..taken], parts);
            return taken > 0;
        }
        AddArguments(WithoutEnd(text[..marker]), parts);
        CompleteCall(parts);
        taken = marker + (found == Markers.CallEnd ? found.Length : 0);
        _state = State.Between;
        return true;
    }

    // A fence that closes at once has no newline of its own: the opening one's was taken.
    private static int FenceStart(ReadOnlySpan<char> text, bool isAtStart) =>
        isAtStart && text.StartsWith(Fence, StringComparison.Ordinal) ? 0 : text.IndexOf(FenceEnd, StringComparison.Ordinal);

    // White space and a fence before a marker are no arguments, wherever the model put them.
    private static ReadOnlySpan<char> WithoutEnd(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> trimmed = TrimEnd(text);
        return trimmed.EndsWith(Fence, StringComparison.Ordinal) ? TrimEnd(trimmed[..^Fence.Length]) : trimmed;
    }

    private static int HeldLength(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> certain = TrimEnd(text[..^HeldText.Length(text, Ends)]);
        for (int i = 0; i < Fence.Length && certain.EndsWith("`"); i++)
            certain = certain[..^1];
        return text.Length - TrimEnd(certain).Length;
    }

    // A model that writes blanks without end must not have them held without end.
    private static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        int blanks = text.Length - text.TrimEnd().Length;
        return text[..^Math.Min(blanks, BlankLimit)];
    }

    private static bool IsName(ReadOnlySpan<char> text) => !text.IsEmpty && text.Length < HeaderLimit && text.IndexOfAny(" \t\r\n<>{}\"`") < 0;

    private bool Break(ICollection<AnswerPart> parts)
    {
        GiveUp(parts);
        _state = State.Content;
        return true;
    }
}
