using System.Text;

namespace LocalInference.Text.Parsing;

/// <summary>
/// DeepSeek V3.2's and V4's calls, a tag for each parameter. The arguments' JSON object is built as they arrive: the value of a
/// text parameter streams, escaped; any other is given out whole, as JSON if it is some and as a text else.
/// </summary>
internal sealed class DsmlCallParser : CallParser
{
    private static readonly string[] BlockBegins = [$"<｜DSML｜{Markers.DsmlCallsV32}>", $"<｜DSML｜{Markers.DsmlCallsV4}>", Markers.DsmlInvokeBegin];
    private static readonly string[] BlockEnds = [$"</｜DSML｜{Markers.DsmlCallsV32}>", $"</｜DSML｜{Markers.DsmlCallsV4}>"];
    private static readonly string[] InBlock = [Markers.DsmlInvokeBegin, .. BlockEnds];
    private static readonly string[] InInvoke = [Markers.DsmlParameterBegin, Markers.DsmlInvokeEnd, .. BlockEnds];
    private static readonly string[] ValueEnds = [Markers.DsmlParameterEnd, Markers.DsmlInvokeEnd, .. BlockEnds];

    private readonly StringBuilder _value = new();
    private readonly StringBuilder _stray = new();
    private State _state = State.Content;
    private bool _isText;

    private enum State
    {
        Content,

        /// <summary>Among calls.</summary>
        Block,

        /// <summary>After a call's opening marker, inside its tag.</summary>
        InvokeTag,

        /// <summary>Among parameters.</summary>
        Invoke,

        /// <summary>Inside a parameter.</summary>
        Value,
    }

    protected override bool TryRead(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        switch (_state)
        {
            case State.Content:
                bool isRead = TryReadContent(text, BlockBegins, isEnd, parts, out taken, out string found);
                _state = found.Length == 0 ? State.Content : found == Markers.DsmlInvokeBegin ? State.InvokeTag : State.Block;
                return isRead;
            case State.Block:
                return TryReadBlock(text, isEnd, parts, out taken);
            case State.InvokeTag:
                return TryReadInvokeTag(text, isEnd, parts, out taken);
            case State.Invoke:
                return TryReadInvoke(text, isEnd, parts, out taken);
            default:
                return TryReadValue(text, isEnd, parts, out taken);
        }
    }

    protected override void End(ICollection<AnswerPart> parts)
    {
        // Without any argument it cannot be told whether the end marker or the rest of the call is missing.
        if (_state == State.Invoke && (HasArguments || _stray.ToString().Contains('{', StringComparison.Ordinal)))
            CloseCall(parts);
        else if (_state == State.Invoke)
            AddStray(parts);
        else if (_state == State.Value && !_isText)
            AddArguments(_value.ToString(), parts);
        _state = State.Content;
    }

    private bool TryReadBlock(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        ReadOnlySpan<char> word = text.TrimStart();
        taken = text.Length - word.Length;
        bool isAfterCall = !HasUnproven;
        if (!isAfterCall)
            KeepUnproven(text[..taken]);
        if (!isEnd && MayBecome(word, InBlock))
            return taken > 0;
        string marker = word.StartsWith(Markers.DsmlInvokeBegin, StringComparison.Ordinal) ? Markers.DsmlInvokeBegin : StartOf(word, BlockEnds);
        taken += marker.Length;
        if (!isAfterCall || marker == Markers.DsmlInvokeBegin)
            KeepUnproven(marker);
        if (marker == Markers.DsmlInvokeBegin)
        {
            _state = State.InvokeTag;
            return true;
        }
        if (!isAfterCall)
            GiveUp(parts);
        _state = State.Content;
        return true;
    }

    private bool TryReadInvokeTag(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        taken = 0;
        int end = text.IndexOf('>');
        if (end < 0 && !isEnd && text.Length < HeaderLimit)
            return false;
        string? name = end < 0 || end >= HeaderLimit ? null : Attribute(text[..end], "name");
        if (string.IsNullOrEmpty(name))
        {
            GiveUp(parts);
            _state = State.Content;
            return true;
        }
        taken = end + 1;
        StartCall(name, parts);
        _state = State.Invoke;
        return true;
    }

    private bool TryReadInvoke(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        int at = HeldText.FindFirst(text, InInvoke, out string found);
        if (at < 0)
        {
            taken = isEnd ? text.Length : text.Length - HeldText.Length(text, InInvoke);
            _stray.Append(text[..taken]);
            return taken > 0;
        }
        int end = found == Markers.DsmlParameterBegin ? text[at..].IndexOf('>') : 0;
        if (end < 0 && !isEnd && text.Length - at < HeaderLimit)
        {
            taken = at;
            _stray.Append(text[..at]);
            return taken > 0;
        }
        _stray.Append(text[..at]);
        if (found != Markers.DsmlParameterBegin)
        {
            CloseCall(parts);
            taken = at + (found == Markers.DsmlInvokeEnd ? found.Length : 0);
            _state = State.Block;
            return true;
        }
        ReadOnlySpan<char> tag = end < 0 || end >= HeaderLimit ? default : text.Slice(at, end);
        if (Attribute(tag, "name") is not { } name)
        {
            // No parameter: the marker is as stray as what follows it.
            taken = at + found.Length;
            _stray.Append(found);
            return true;
        }
        taken = at + end + 1;
        OpenValue(name, Attribute(tag, "string") == "true", parts);
        return true;
    }

    private void OpenValue(string name, bool isText, ICollection<AnswerPart> parts)
    {
        AddStray(parts);
        _isText = isText;
        _value.Clear();
        AddArguments($"{(HasArguments ? ", " : "{")}{JsonText.Quote(name)}: {(isText ? "\"" : "")}", parts);
        _state = State.Value;
    }

    private bool TryReadValue(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        int at = HeldText.FindFirst(text, ValueEnds, out string found);
        taken = at >= 0 ? at : isEnd ? text.Length : text.Length - HeldText.Length(text, ValueEnds);
        if (_isText)
            AddArguments(JsonText.Escape(text[..taken]), parts);
        else
            _value.Append(text[..taken]);
        if (at < 0)
            return taken > 0;
        string value = _value.ToString();
        AddArguments(_isText ? "\"" : IsJson(value) ? value.Trim() : JsonText.Quote(value), parts);
        taken += found == Markers.DsmlParameterEnd ? found.Length : 0;
        _state = State.Invoke;
        return true;
    }

    // A model that knows the tags but not the parameters may put a whole object between them.
    private void CloseCall(ICollection<AnswerPart> parts)
    {
        string stray = _stray.ToString().Trim();
        if (!HasArguments && stray.StartsWith('{') && IsJson(stray))
        {
            _stray.Clear();
            AddArguments(stray, parts);
        }
        else if (HasArguments)
            AddArguments("}", parts);
        CompleteCall(parts);
        AddStray(parts);
    }

    private void AddStray(ICollection<AnswerPart> parts)
    {
        string stray = _stray.ToString();
        _stray.Clear();
        if (!string.IsNullOrWhiteSpace(stray))
            AddContent(stray, parts);
    }

    private static string StartOf(ReadOnlySpan<char> text, string[] markers)
    {
        foreach (string marker in markers)
            if (text.StartsWith(marker, StringComparison.Ordinal))
                return marker;
        return "";
    }

    private static string? Attribute(ReadOnlySpan<char> tag, string name)
    {
        int start = tag.IndexOf($" {name}=\"", StringComparison.Ordinal);
        if (start < 0)
            return null;
        ReadOnlySpan<char> value = tag[(start + name.Length + 3)..];
        int end = value.IndexOf('"');
        return end < 0 ? null : value[..end].ToString();
    }
}
