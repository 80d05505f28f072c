using System.Text;

namespace LocalInference.Text.Parsing;

/// <summary>
/// What the parsers of all formats share: text is read as far as it is certain and the rest held; what was read of a call whose
/// name is not known yet is kept, to come out as content if it turns out to be no call. White space next to calls belongs to them.
/// A parser is a state machine whose state is the method that reads on.
/// </summary>
internal abstract class CallParser
{
    // Names and tags are short: what goes on for longer is no call. The limit holds however the text is cut.
    protected const int HeaderLimit = 512;

    private readonly string[] _begins;
    private readonly StringBuilder _blanks = new();
    private readonly StringBuilder _unproven = new();
    private readonly StringBuilder _arguments = new();
    private string _held = "";
    private int _calls;
    private bool _followsCalls;

    /// <param name="begins">Texts that begin calls; none begins another.</param>
    protected CallParser(string[] begins)
    {
        _begins = begins;
        Next = TryReadContent;
    }

    /// <summary>Reads from the front of the text, or changes the state.</summary>
    /// <param name="text">Not empty.</param>
    /// <param name="isEnd">Whether no more will come: then something must be done.</param>
    /// <param name="parts">Takes what is certain.</param>
    /// <param name="taken">How much was read.</param>
    /// <returns>False when more text is needed to decide.</returns>
    protected delegate bool Reader(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken);

    /// <summary>Tool calls that were completed.</summary>
    public int CompletedToolCalls { get; private set; }

    /// <summary>The state: what reads on.</summary>
    protected Reader Next { get; set; }

    /// <summary>Whether a call's name has been given out and its end has not been found.</summary>
    protected bool IsOpen { get; private set; }

    protected bool HasUnproven => _unproven.Length > 0;

    protected bool HasArguments => _arguments.Length > 0;

    /// <summary>Takes the next piece of content; what became certain is appended to <paramref name="parts"/>.</summary>
    public void Append(ReadOnlySpan<char> text, ICollection<AnswerPart> parts) => Read(text, isEnd: false, parts);

    /// <summary>The answer is over: gives out what was held back.</summary>
    public void Complete(ICollection<AnswerPart> parts)
    {
        Read("", isEnd: true, parts);
        if (IsOpen) End(parts);
        GiveUp(parts);
    }

    /// <summary>What reads behind one of the texts that begin calls.</summary>
    protected abstract Reader Begin(string marker);

    /// <summary>The answer ends inside a call: gives out what its parser holds of it.</summary>
    protected virtual void End(ICollection<AnswerPart> parts) { }

    /// <summary>
    /// Reads white space and, where it follows, one of the markers; false where that cannot be told yet. Of a call whose name is not known
    /// the white space is kept, the marker is the caller's.
    /// </summary>
    protected bool TryReadMarker(ReadOnlySpan<char> text, ReadOnlySpan<string> markers, bool isEnd, out int taken, out string found)
    {
        ReadOnlySpan<char> word = text.TrimStart();
        taken = text.Length - word.Length;
        found = "";
        if (HasUnproven)
            KeepUnproven(text[..taken]);
        if (!isEnd && HeldText.MayBecome(word, markers))
            return false;
        foreach (string marker in markers)
            if (word.StartsWith(marker, StringComparison.Ordinal))
                found = marker;
        taken += found.Length;
        return true;
    }

    /// <summary>Keeps what was read of a call until its name is known.</summary>
    protected void KeepUnproven(ReadOnlySpan<char> text)
    {
        if (!IsOpen)
            _unproven.Append(text);
    }

    /// <summary>
    /// Content goes on. What was kept is no call and comes out as content; a call without its end counts as complete if its arguments are.
    /// </summary>
    /// <returns>True, for the reader that found it out.</returns>
    protected bool GiveUp(ICollection<AnswerPart> parts)
    {
        if (IsOpen && JsonText.IsValid(_arguments.ToString()))
            CompleteCall(parts);
        IsOpen = false;
        Next = TryReadContent;
        _followsCalls &= !HasUnproven;
        string text = _unproven.Append(_blanks).ToString();
        _unproven.Clear();
        _blanks.Clear();
        AddContent(text, parts);
        return true;
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
        IsOpen = true;
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
        if (!HasArguments)
            AddArguments("{}", parts);
        IsOpen = false;
        CompletedToolCalls++;
        _followsCalls = true;
    }

    private void Read(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts)
    {
        ReadOnlySpan<char> rest = _held.Length == 0 ? text : string.Concat(_held, text);
        while (!rest.IsEmpty && Next(rest, isEnd, parts, out int taken))
            rest = rest[taken..];
        _held = rest.ToString();
    }

    // Up to where a call begins. White space waits for what follows it.
    private bool TryReadContent(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        int at = HeldText.FindFirst(text, _begins, out string found);
        ReadOnlySpan<char> content = at >= 0 ? text[..at] : isEnd ? text : text[..^HeldText.Length(text, _begins)];
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
            Next = Begin(found);
        }
        return taken > 0;
    }
}
