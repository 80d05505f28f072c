using System.Text;
using System.Text.Json;

namespace LocalInference.Text.Parsing;

/// <summary>
/// What the parsers of all formats share: text is read as far as it is certain and the rest held; what was read of a call whose
/// name is not known yet is kept, to come out as content if it turns out to be no call. White space next to calls belongs to them.
/// </summary>
internal abstract class CallParser : IContentParser
{
    // Names and tags are short: what goes on for longer is no call. The limit holds however the text is cut.
    protected const int HeaderLimit = 512;

    private readonly StringBuilder _blanks = new();
    private readonly StringBuilder _unproven = new();
    private readonly StringBuilder _arguments = new();
    private string _held = "";
    private int _calls;
    private bool _followsCalls;

    public int CompletedToolCalls { get; private set; }

    protected bool HasUnproven => _unproven.Length > 0;

    protected bool HasArguments => _arguments.Length > 0;

    public void Append(ReadOnlySpan<char> text, ICollection<AnswerPart> parts)
    {
        ReadOnlySpan<char> rest = _held.Length == 0 ? text : string.Concat(_held, text);
        while (!rest.IsEmpty && TryRead(rest, isEnd: false, parts, out int taken))
            rest = rest[taken..];
        _held = rest.ToString();
    }

    public void Complete(ICollection<AnswerPart> parts)
    {
        ReadOnlySpan<char> rest = _held;
        while (!rest.IsEmpty && TryRead(rest, isEnd: true, parts, out int taken))
            rest = rest[taken..];
        _held = "";
        End(parts);
        GiveUp(parts);
    }

    /// <summary>Reads from the front of the text, or changes the state.</summary>
    /// <param name="text">Not empty.</param>
    /// <param name="isEnd">Whether no more will come: then something must be done.</param>
    /// <param name="parts">Takes what is certain.</param>
    /// <param name="taken">How much was read.</param>
    /// <returns>False when more text is needed to decide.</returns>
    protected abstract bool TryRead(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken);

    /// <summary>The answer ends: a call that is still open is complete if what it has is.</summary>
    protected abstract void End(ICollection<AnswerPart> parts);

    /// <summary>
    /// Reads content up to the first of the markers, which is read as well, unproven. White space waits for what follows it.
    /// </summary>
    protected bool TryReadContent(ReadOnlySpan<char> text, ReadOnlySpan<string> markers, bool isEnd, ICollection<AnswerPart> parts, out int taken, out string found)
    {
        int at = HeldText.FindFirst(text, markers, out found);
        ReadOnlySpan<char> content = at >= 0 ? text[..at] : isEnd ? text : text[..^HeldText.Length(text, markers)];
        taken = content.Length + found.Length;
        ReadOnlySpan<char> words = content.TrimEnd();
        if (!words.IsEmpty)
        {
            AddContent(string.Concat(_blanks.ToString(), words), parts);
            _blanks.Clear();
        }
        _blanks.Append(content[words.Length..]);
        if (at >= 0)
        {
            KeepUnproven(string.Concat(_blanks.ToString(), found));
            _blanks.Clear();
        }
        return taken > 0;
    }

    protected void KeepUnproven(ReadOnlySpan<char> text) => _unproven.Append(text);

    /// <summary>What was kept is no call: it comes out as content.</summary>
    protected void GiveUp(ICollection<AnswerPart> parts)
    {
        _followsCalls &= !HasUnproven;
        string text = _unproven.Append(_blanks).ToString();
        _unproven.Clear();
        _blanks.Clear();
        AddContent(text, parts);
    }

    protected void AddContent(ReadOnlySpan<char> text, ICollection<AnswerPart> parts)
    {
        if (_followsCalls)
            text = text.TrimStart();
        if (text.IsEmpty)
            return;
        _followsCalls = false;
        parts.Add(new AnswerPart(AnswerPartKind.Content, text.ToString()));
    }

    protected void StartCall(string name, ICollection<AnswerPart> parts)
    {
        _unproven.Clear();
        _arguments.Clear();
        parts.Add(new AnswerPart(AnswerPartKind.ToolCallStart, name, _calls++));
    }

    protected void AddArguments(ReadOnlySpan<char> text, ICollection<AnswerPart> parts)
    {
        if (text.IsEmpty)
            return;
        _arguments.Append(text);
        parts.Add(new AnswerPart(AnswerPartKind.ToolCallArguments, text.ToString(), _calls - 1));
    }

    /// <summary>The call is complete. Where the model wrote no arguments at all, they are an empty object.</summary>
    protected void CompleteCall(ICollection<AnswerPart> parts)
    {
        if (_arguments.Length == 0)
            AddArguments("{}", parts);
        CompletedToolCalls++;
        _followsCalls = true;
    }

    /// <summary>The call lacks its end: it counts as complete if its arguments are.</summary>
    protected void CompleteCallIfValid(ICollection<AnswerPart> parts)
    {
        if (_arguments.Length > 0 && IsJson(_arguments.ToString()))
            CompleteCall(parts);
    }

    protected static bool IsJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a text may still become one of the markers.</summary>
    protected static bool MayBecome(ReadOnlySpan<char> text, ReadOnlySpan<string> markers) => HeldText.Length(text, markers) == text.Length;
}
