using System.Text;
using System.Text.RegularExpressions;

namespace LocalInference.Text.Parsing;

/// <summary>
/// Qwen's and Hermes' calls: a JSON object with <c>name</c> and <c>arguments</c> between tags. The arguments stream as the model
/// writes them once the name is known; a text in their place is taken for JSON inside a text and unpacked.
/// </summary>
internal sealed partial class HermesCallParser() : CallParser([Markers.HermesBegin])
{
    private static readonly string[] Ends = [Markers.HermesEnd];

    private readonly StringBuilder _value = new();
    private JsonValueScanner _scanner;
    private string _key = "";
    private string? _early;

    private bool IsArguments => _key is "arguments" or "parameters";

    protected override Reader Begin(string marker)
    {
        _early = null;
        return TryReadOpen;
    }

    protected override void End(ICollection<AnswerPart> parts) => FlushText(parts);

    // After the tag, before the object.
    private bool TryReadOpen(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        if (!TryReadMarker(text, ["{"], isEnd, out taken, out string found))
            return taken > 0;
        KeepUnproven(found);
        if (found.Length == 0)
            return GiveUp(parts);
        Next = TryReadKey;
        return true;
    }

    // Before a key or the object's end.
    private bool TryReadKey(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        ReadOnlySpan<char> word = text.TrimStart(" \t\r\n,");
        taken = text.Length - word.Length;
        if (taken > 0)
        {
            KeepUnproven(text[..taken]);
            return true;
        }
        if (word.StartsWith("}") || EndsHere(word))
        {
            taken = word[0] == '}' ? 1 : 0;
            KeepUnproven(text[..taken]);
            if (!IsOpen)
                return GiveUp(parts);
            CompleteCall(parts);
            Next = TryReadClose;
            return true;
        }
        Match key = KeyPattern().Match(text.ToString());
        if (!key.Success)
            return (isEnd || text.Length >= HeaderLimit || !(text[0] == '"' || HeldText.MayBecome(text, Ends))) && GiveUp(parts);
        taken = key.Length;
        KeepUnproven(text[..taken]);
        _key = JsonText.Decode($"\"{key.Groups["key"].Value}\"") ?? "";
        _scanner = default;
        _value.Clear();
        Next = TryReadValue;
        return true;
    }

    // Inside a value.
    private bool TryReadValue(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        bool isOver = false;
        for (taken = 0; taken < text.Length && !isOver; taken++)
        {
            // Outside of texts nothing in JSON begins like the closing tag: the object was broken off.
            ReadOnlySpan<char> rest = text[taken..];
            if (!_scanner.InString && rest[0] == '<' && (EndsHere(rest) || (!isEnd && HeldText.MayBecome(rest, Ends))))
                break;
            isOver = _scanner.Take(rest[0], out bool belongs);
            if (!belongs)
                break;
        }
        ReadOnlySpan<char> value = text[..taken];
        KeepUnproven(value);
        bool streams = IsArguments && IsOpen && (_value.Length > 0 ? _value[0] : value.IsEmpty ? ' ' : value[0]) != '"';
        if (_value.Length == 0 || !streams)
            _value.Append(value);
        if (streams)
            AddArguments(value, parts);
        if (isOver || EndsHere(text[taken..]))
        {
            EndValue(parts);
            Next = TryReadKey;
            return true;
        }
        return taken > 0;
    }

    private void EndValue(ICollection<AnswerPart> parts)
    {
        string value = _value.ToString();
        if (_key == "name" && !IsOpen && JsonText.Decode(value) is { Length: > 0 } name)
        {
            StartCall(name, parts);
            AddArguments(_early, parts);
        }
        else if (IsArguments && !IsOpen)
            _early = JsonText.Decode(value) ?? value;
        else if (IsArguments)
            FlushText(parts);
    }

    // Arguments that came as a text were held until it was whole.
    private void FlushText(ICollection<AnswerPart> parts)
    {
        if (IsArguments && _value.Length > 0 && _value[0] == '"' && !HasArguments)
            AddArguments(JsonText.Decode(_value.ToString()) ?? _value.ToString(), parts);
    }

    // After the object, before the closing tag.
    private bool TryReadClose(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken) =>
        TryReadMarker(text, Ends, isEnd, out taken, out _) ? GiveUp(parts) : taken > 0;

    private static bool EndsHere(ReadOnlySpan<char> text) => text.StartsWith(Markers.HermesEnd, StringComparison.Ordinal);

    // Never longer than the limit.
    [GeneratedRegex(@"\A""(?<key>(?:[^""\\]|\\.){0,128})""\s{0,64}:\s{0,64}(?=\S)",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();
}
