using System.Text;

namespace LocalInference.Text.Parsing;

/// <summary>
/// DeepSeek V3.2's and V4's calls, a tag for each parameter. The arguments' JSON object is built as they arrive: the value of a
/// text parameter streams, escaped; any other is given out whole, as JSON if it is some and as a text else.
/// </summary>
internal sealed class DsmlCallParser()
    : CallParser([$"<｜DSML｜{Markers.DsmlCallsV32}>", $"<｜DSML｜{Markers.DsmlCallsV4}>", Markers.DsmlInvokeBegin])
{
    private static readonly string[] BlockEnds = [$"</｜DSML｜{Markers.DsmlCallsV32}>", $"</｜DSML｜{Markers.DsmlCallsV4}>"];
    private static readonly string[] InBlock = [Markers.DsmlInvokeBegin, .. BlockEnds];
    private static readonly string[] InInvoke = [Markers.DsmlParameterBegin, Markers.DsmlInvokeEnd, .. BlockEnds];
    private static readonly string[] ValueEnds = [Markers.DsmlParameterEnd, Markers.DsmlInvokeEnd, .. BlockEnds];

    private readonly StringBuilder _value = new();
    private readonly StringBuilder _stray = new();
    private bool _isText;

    protected override Reader Begin(string marker) => marker == Markers.DsmlInvokeBegin ? TryReadInvokeTag : TryReadBlock;

    protected override void End(ICollection<AnswerPart> parts)
    {
        if (Next != TryReadInvoke)
            AddArguments(_isText ? "" : _value.ToString(), parts);
        // Without any argument it cannot be told whether the end marker or the rest of the call is missing.
        else if (HasArguments || _stray.ToString().Contains('{', StringComparison.Ordinal))
            CloseCall(parts);
        else
            AddStray(parts);
    }

    // Among calls.
    private bool TryReadBlock(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        if (!TryReadMarker(text, InBlock, isEnd, out taken, out string marker))
            return taken > 0;
        // A block without a call was none, its end marker included.
        if (HasUnproven || marker == Markers.DsmlInvokeBegin)
            KeepUnproven(marker);
        if (marker != Markers.DsmlInvokeBegin)
            return GiveUp(parts);
        Next = TryReadInvokeTag;
        return true;
    }

    // After a call's opening marker, inside its tag.
    private bool TryReadInvokeTag(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        taken = 0;
        int end = text.IndexOf('>');
        if (end < 0 && !isEnd && text.Length < HeaderLimit)
            return false;
        string? name = end < 0 || end >= HeaderLimit ? null : Attribute(text[..end], "name");
        if (string.IsNullOrEmpty(name))
            return GiveUp(parts);
        taken = end + 1;
        StartCall(name, parts);
        Next = TryReadInvoke;
        return true;
    }

    // Among parameters.
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
        taken = at;
        _stray.Append(text[..at]);
        if (end < 0 && !isEnd && text.Length - at < HeaderLimit)
            return taken > 0;
        if (found != Markers.DsmlParameterBegin)
        {
            CloseCall(parts);
            taken += found == Markers.DsmlInvokeEnd ? found.Length : 0;
            Next = TryReadBlock;
            return true;
        }
        ReadOnlySpan<char> tag = end < 0 || end >= HeaderLimit ? default : text.Slice(at, end);
        if (Attribute(tag, "name") is not { } name)
        {
            // No parameter: the marker is as stray as what follows it.
            taken += found.Length;
            _stray.Append(found);
            return true;
        }
        taken += end + 1;
        OpenValue(name, Attribute(tag, "string") == "true", parts);
        return true;
    }

    private void OpenValue(string name, bool isText, ICollection<AnswerPart> parts)
    {
        AddStray(parts);
        _isText = isText;
        _value.Clear();
        AddArguments($"{(HasArguments ? ", " : "{")}{JsonText.Quote(name)}: {(isText ? "\"" : "")}", parts);
        Next = TryReadValue;
    }

    // Inside a parameter.
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
        AddArguments(_isText ? "\"" : JsonText.IsValid(value) ? value.Trim() : JsonText.Quote(value), parts);
        taken += found == Markers.DsmlParameterEnd ? found.Length : 0;
        Next = TryReadInvoke;
        return true;
    }

    // A model that knows the tags but not the parameters may put a whole object between them.
    private void CloseCall(ICollection<AnswerPart> parts)
    {
        string stray = _stray.ToString().Trim();
        if (!HasArguments && stray.StartsWith('{') && JsonText.IsValid(stray))
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
