using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat.Jinja.Library;

/// <summary>Python's ways of cutting a text: every piece is a slice, so it keeps its origins.</summary>
internal static class Splitting
{
    /// <summary><c>split</c> and <c>rsplit</c>.</summary>
    /// <param name="state">Pays for the pieces.</param>
    /// <param name="text">What is cut.</param>
    /// <param name="separator">Null cuts at runs of white space.</param>
    /// <param name="limit">Cuts at most; negative for all.</param>
    /// <param name="fromEnd">Whether cuts are counted from the end.</param>
    public static ListValue Split(RenderState state, StringValue text, string? separator, int limit, bool fromEnd)
    {
        if (separator is { Length: 0 })
            throw TemplateException.Value("empty separator");
        limit = limit < 0 ? int.MaxValue : limit;
        List<Value> pieces = (separator, fromEnd) switch
        {
            (null, false) => ByBlanks(text, limit),
            (null, true) => ByBlanksFromEnd(text, limit),
            (_, false) => BySeparator(text, separator, limit),
            _ => BySeparatorFromEnd(text, separator, limit),
        };
        state.Budget.TakeElements(pieces.Count);
        return new ListValue(pieces);
    }

    public static List<StringValue> Lines(StringValue text, bool keepEnds = false)
    {
        List<StringValue> lines = [];
        string s = text.Text;
        for (int start = 0, at = 0; start < s.Length;)
        {
            while (at < s.Length && !IsLineEnd(s[at]))
                at++;
            int end = at;
            if (at < s.Length)
                at += s[at] == '\r' && at + 1 < s.Length && s[at + 1] == '\n' ? 2 : 1;
            lines.Add(text.Slice(start..(keepEnds ? at : end)));
            start = at;
        }
        return lines;
    }

    /// <summary><c>partition</c> and <c>rpartition</c>.</summary>
    public static ListValue Partition(StringValue text, StringValue separator, bool fromEnd)
    {
        if (separator.Text.Length == 0)
            throw TemplateException.Value("empty separator");
        int at = fromEnd
            ? text.Text.LastIndexOf(separator.Text, StringComparison.Ordinal)
            : text.Text.IndexOf(separator.Text, StringComparison.Ordinal);
        if (at < 0)
            return fromEnd
                ? ListValue.Tuple(StringValue.Empty, StringValue.Empty, text)
                : ListValue.Tuple(text, StringValue.Empty, StringValue.Empty);
        int after = at + separator.Text.Length;
        return ListValue.Tuple(text.Slice(..at), text.Slice(at..after), text.Slice(after..));
    }

    /// <summary><c>strip</c> and its halves.</summary>
    /// <param name="text">What is trimmed.</param>
    /// <param name="characters">What is taken away; null for white space.</param>
    /// <param name="atStart">Whether the start is trimmed.</param>
    /// <param name="atEnd">Whether the end is trimmed.</param>
    public static StringValue Strip(StringValue text, string? characters, bool atStart, bool atEnd)
    {
        string s = text.Text;
        int start = 0, end = s.Length;
        while (atStart && start < end && IsTaken(s, start, characters))
            start += CodePoints.SizeAt(s, start);
        while (atEnd && end > start)
        {
            int last = end - start > 1 && char.IsSurrogatePair(s[end - 2], s[end - 1]) ? end - 2 : end - 1;
            if (!IsTaken(s, last, characters))
                break;
            end = last;
        }
        return text.Slice(start..end);
    }

    private static bool IsTaken(string text, int at, string? characters) => characters is null
        ? CodePoints.IsSpace(text[at])
        : characters.AsSpan().IndexOf(text.AsSpan(at, CodePoints.SizeAt(text, at)), StringComparison.Ordinal) >= 0;

    private static bool IsLineEnd(char character) =>
        character is >= '\n' and <= '\r' or >= '\u001C' and <= '\u001E' or '\u0085' or '\u2028' or '\u2029';

    private static List<Value> BySeparator(StringValue text, string separator, int limit)
    {
        List<Value> pieces = [];
        int start = 0;
        for (int at; limit > 0 && (at = text.Text.IndexOf(separator, start, StringComparison.Ordinal)) >= 0; limit--)
        {
            pieces.Add(text.Slice(start..at));
            start = at + separator.Length;
        }
        pieces.Add(text.Slice(start..));
        return pieces;
    }

    private static List<Value> BySeparatorFromEnd(StringValue text, string separator, int limit)
    {
        List<Value> pieces = [];
        int end = text.Text.Length;
        for (int at; limit > 0 && (at = text.Text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal)) >= 0; limit--)
        {
            pieces.Add(text.Slice((at + separator.Length)..end));
            end = at;
        }
        pieces.Add(text.Slice(..end));
        pieces.Reverse();
        return pieces;
    }

    private static List<Value> ByBlanks(StringValue text, int limit)
    {
        List<Value> pieces = [];
        string s = text.Text;
        for (int at = 0; ;)
        {
            while (at < s.Length && CodePoints.IsSpace(s[at]))
                at++;
            if (at == s.Length)
                return pieces;
            int start = at;
            if (pieces.Count == limit)
            {
                pieces.Add(text.Slice(start..));
                return pieces;
            }
            while (at < s.Length && !CodePoints.IsSpace(s[at]))
                at++;
            pieces.Add(text.Slice(start..at));
        }
    }

    private static List<Value> ByBlanksFromEnd(StringValue text, int limit)
    {
        List<Value> pieces = [];
        string s = text.Text;
        for (int end = s.Length; ;)
        {
            while (end > 0 && CodePoints.IsSpace(s[end - 1]))
                end--;
            if (end == 0)
                break;
            int stop = end;
            if (pieces.Count == limit)
            {
                pieces.Add(text.Slice(..stop));
                break;
            }
            while (end > 0 && !CodePoints.IsSpace(s[end - 1]))
                end--;
            pieces.Add(text.Slice(end..stop));
        }
        pieces.Reverse();
        return pieces;
    }
}
