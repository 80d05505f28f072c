namespace LocalInference.Text.Parsing;

/// <summary>
/// DeepSeek's calls between markers, in both forms: type, separator, name and fenced arguments (R1, V3), or name, separator and
/// bare arguments (V3.1). Small models leave parts out, so a missing outer marker, fence or end is forgiven.
/// </summary>
internal sealed class MarkedCallParser() : CallParser([Markers.CallsBegin, Markers.CallBegin])
{
    private const int BlankLimit = 256;
    private const int LanguageLimit = 16;
    private const string Fence = "```";
    private const string FenceEnd = "\n```";

    private static readonly string[] BetweenCalls = [Markers.CallBegin, Markers.CallsEnd];
    private static readonly string[] Ends = [Markers.CallEnd, Markers.CallsEnd, Markers.CallBegin];
    private static readonly string[] AllMarkers = [Markers.CallSeparator, .. Ends, Markers.CallsBegin];

    private string _type = "";
    private bool _isFenced;

    protected override Reader Begin(string marker) => marker == Markers.CallsBegin ? TryReadBetween : TryReadType;

    // Between the outer markers, before or after a call.
    private bool TryReadBetween(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        if (!TryReadMarker(text, BetweenCalls, isEnd, out taken, out string found))
            return taken > 0;
        // Outer markers without a call between them were none.
        if (HasUnproven || found == Markers.CallBegin)
            KeepUnproven(found);
        // Right after the outer marker the inner one may have been left out; anywhere else this is no call.
        if (found != Markers.CallBegin && !(HasUnproven && found.Length == 0))
            return GiveUp(parts);
        Next = TryReadType;
        return true;
    }

    // Before the separator.
    private bool TryReadType(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        taken = 0;
        int at = HeldText.FindFirst(text, AllMarkers, out string found);
        if (at < 0 && !isEnd && text.Length < HeaderLimit && !text.Contains('\n'))
            return false;
        if (at < 0 || at + found.Length > HeaderLimit || found != Markers.CallSeparator || !IsName(text[..at].Trim(' ')))
            return GiveUp(parts);
        _type = text[..at].Trim(' ').ToString();
        taken = at + found.Length;
        KeepUnproven(text[..taken]);
        Next = TryReadName;
        return true;
    }

    // After it.
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
            return GiveUp(parts);
        if (end < 0 && !isEnd && text.Length < HeaderLimit)
            return false;
        // Without a name of its own after the separator, what stood before it was the name.
        ReadOnlySpan<char> name = end < 0 ? default : text[..end].Trim();
        string chosen = name.IsEmpty && end >= 0 ? _type : name.ToString();
        if (!IsName(chosen) || (name.IsEmpty && isMarker && _type == "function"))
            return GiveUp(parts);
        taken = end;
        StartCall(chosen, parts);
        _isFenced = false;
        Next = TryReadFence;
        return true;
    }

    // After the name, where the fence may open.
    private bool TryReadFence(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        if (!TryReadMarker(text, [Fence], isEnd, out taken, out string found))
            return taken > 0;
        if (found.Length > 0)
        {
            ReadOnlySpan<char> rest = Skip(Skip(text[taken..], char.IsAsciiLetter), static character => character is ' ' or '\t' or '\r');
            if (rest.IsEmpty && !isEnd)
            {
                taken -= found.Length;
                return taken > 0;
            }
            taken = text.Length - rest.Length + (rest.StartsWith("\n") ? 1 : 0);
            _isFenced = true;
        }
        Next = TryReadArguments;
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
            Next = TryReadClosed;
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
        Next = TryReadBetween;
        return true;
    }

    // After the closing fence, where the call's end marker may follow.
    private bool TryReadClosed(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        if (!TryReadMarker(text, [Markers.CallEnd], isEnd, out taken, out _))
            return taken > 0;
        Next = TryReadBetween;
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

    private static bool IsName(ReadOnlySpan<char> text) =>
        !text.IsEmpty && text.Length < HeaderLimit && text.IndexOfAny(" \t\r\n<>{}\"`") < 0;
}
