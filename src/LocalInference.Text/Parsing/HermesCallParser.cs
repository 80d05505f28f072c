using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LocalInference.Text.Parsing;

/// <summary>
/// Qwen's and Hermes' calls: a JSON object with <c>name</c> and <c>arguments</c> between tags. The arguments stream as the model
/// writes them once the name is known; a text in their place is taken for JSON inside a text and unpacked.
/// </summary>
internal sealed partial class HermesCallParser : CallParser
{
    private static readonly string[] Begins = [Markers.HermesBegin];
    private static readonly string[] Ends = [Markers.HermesEnd];

    private readonly StringBuilder _value = new();
    private State _state = State.Content;
    private JsonValueScanner _scanner;
    private string _key = "";
    private bool _isNamed;
    private string? _early;

    private enum State
    {
        Content,

        /// <summary>After the tag, before the object.</summary>
        Open,

        /// <summary>Before a key or the object's end.</summary>
        Key,

        /// <summary>Inside a value.</summary>
        Value,

        /// <summary>After the object, before the closing tag.</summary>
        Close,
    }

    private bool IsArguments => _key is "arguments" or "parameters";

    protected override bool TryRead(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        switch (_state)
        {
            case State.Content:
                bool isRead = TryReadContent(text, Begins, isEnd, parts, out taken, out string found);
                if (found.Length > 0)
                    (_state, _isNamed, _early) = (State.Open, false, null);
                return isRead;
            case State.Open:
                return TryReadOpen(text, isEnd, parts, out taken);
            case State.Key:
                return TryReadKey(text, isEnd, parts, out taken);
            case State.Value:
                return TryReadValue(text, isEnd, parts, out taken);
            default:
                return TryReadClose(text, isEnd, out taken);
        }
    }

    protected override void End(ICollection<AnswerPart> parts)
    {
        if (_state is State.Key or State.Value && _isNamed)
        {
            FlushText(parts);
            CompleteCallIfValid(parts);
        }
        _state = State.Content;
    }

    private bool TryReadOpen(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        ReadOnlySpan<char> word = text.TrimStart();
        taken = text.Length - word.Length + (word.StartsWith("{") ? 1 : 0);
        KeepUnproven(text[..taken]);
        if (word.IsEmpty)
            return taken > 0;
        if (!word.StartsWith("{"))
            return Break(parts);
        _state = State.Key;
        return true;
    }

    private bool TryReadKey(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        ReadOnlySpan<char> word = text.TrimStart(" \t\r\n,");
        taken = text.Length - word.Length;
        if (taken > 0)
        {
            KeepIfUnnamed(text[..taken]);
            return true;
        }
        if (word.StartsWith("}") || word.StartsWith(Markers.HermesEnd, StringComparison.Ordinal))
        {
            taken = word[0] == '}' ? 1 : 0;
            return EndObject(text[..taken], parts);
        }
        Match key = KeyPattern().Match(text.ToString());
        if (!key.Success)
            return !isEnd && text.Length < HeaderLimit && (text[0] == '"' || MayBecome(text, Ends)) ? false : Break(parts);
        taken = key.Length;
        KeepIfUnnamed(text[..taken]);
        _key = Decode($"\"{key.Groups["key"].Value}\"") ?? "";
        _scanner = default;
        _value.Clear();
        _state = State.Value;
        return true;
    }

    private bool TryReadValue(ReadOnlySpan<char> text, bool isEnd, ICollection<AnswerPart> parts, out int taken)
    {
        bool isOver = false;
        for (taken = 0; taken < text.Length && !isOver; taken++)
        {
            // Outside of texts nothing in JSON begins like the closing tag: the object was broken off.
            if (!_scanner.InString && text[taken] == '<' && (text[taken..].StartsWith(Markers.HermesEnd, StringComparison.Ordinal) || (!isEnd && MayBecome(text[taken..], Ends))))
                break;
            isOver = _scanner.Take(text[taken], out bool belongs);
            if (!belongs)
                break;
        }
        ReadOnlySpan<char> value = text[..taken];
        KeepIfUnnamed(value);
        bool streams = IsArguments && _isNamed && (_value.Length > 0 ? _value[0] : value.IsEmpty ? ' ' : value[0]) != '"';
        if (_value.Length == 0 || !streams)
            _value.Append(value);
        if (streams)
            AddArguments(value, parts);
        bool isBroken = !isOver && taken < text.Length && text[taken..].StartsWith(Markers.HermesEnd, StringComparison.Ordinal);
        if (isOver || isBroken)
        {
            EndValue(parts);
            _state = State.Key;
            return true;
        }
        return taken > 0;
    }

    private void EndValue(ICollection<AnswerPart> parts)
    {
        string value = _value.ToString();
        if (_key == "name" && !_isNamed && Decode(value) is { Length: > 0 } name)
        {
            StartCall(name, parts);
            _isNamed = true;
            AddArguments(_early, parts);
        }
        else if (IsArguments && !_isNamed)
            _early = Decode(value) ?? value;
        else if (IsArguments)
            FlushText(parts);
    }

    // Arguments that came as a text were held until it was whole.
    private void FlushText(ICollection<AnswerPart> parts)
    {
        if (IsArguments && _value.Length > 0 && _value[0] == '"' && !HasArguments)
            AddArguments(Decode(_value.ToString()) ?? _value.ToString(), parts);
    }

    private bool EndObject(ReadOnlySpan<char> text, ICollection<AnswerPart> parts)
    {
        if (_isNamed)
        {
            CompleteCall(parts);
            _state = State.Close;
            return true;
        }
        KeepUnproven(text);
        return Break(parts);
    }

    private bool TryReadClose(ReadOnlySpan<char> text, bool isEnd, out int taken)
    {
        ReadOnlySpan<char> word = text.TrimStart();
        taken = text.Length - word.Length;
        if (!isEnd && MayBecome(word, Ends))
            return taken > 0;
        if (word.StartsWith(Markers.HermesEnd, StringComparison.Ordinal))
            taken += Markers.HermesEnd.Length;
        _state = State.Content;
        return true;
    }

    private void KeepIfUnnamed(ReadOnlySpan<char> text)
    {
        if (!_isNamed)
            KeepUnproven(text);
    }

    private bool Break(ICollection<AnswerPart> parts)
    {
        if (_isNamed)
            CompleteCallIfValid(parts);
        GiveUp(parts);
        _state = State.Content;
        return true;
    }

    private static string? Decode(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, JsonTexts.Default.String);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Never longer than the limit.
    [GeneratedRegex(@"\A""(?<key>(?:[^""\\]|\\.){0,128})""\s{0,64}:\s{0,64}(?=\S)", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();
}
