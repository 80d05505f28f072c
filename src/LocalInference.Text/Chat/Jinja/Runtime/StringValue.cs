namespace LocalInference.Text.Chat.Jinja.Runtime;

/// <summary>A stretch of a text up to <paramref name="End"/>, from one origin.</summary>
internal readonly record struct OriginRun(int End, bool IsInput);

/// <summary>
/// Python's str, which remembers for each stretch whether it came in with the request or is the template's own. Every
/// operation on text goes through slices and <see cref="TextBuilder"/>, so none can forget.
/// </summary>
internal sealed class StringValue : Value
{
    public static readonly StringValue Empty = new("", isInput: false);

    private readonly OriginRun[] _runs;
    private bool? _isBasic;

    /// <summary>A text from one origin.</summary>
    public StringValue(string text, bool isInput)
    {
        Text = text;
        _runs = text.Length == 0 ? [] : [new OriginRun(text.Length, isInput)];
    }

    /// <summary>A text of several stretches that cover it: ends rise, the last is the text's length.</summary>
    public StringValue(string text, OriginRun[] runs)
    {
        Text = text;
        _runs = runs;
    }

    public string Text { get; }

    public ReadOnlySpan<OriginRun> Runs => _runs;

    public bool HasInput => Array.Exists(_runs, static run => run.IsInput);

    public override string TypeName => "str";

    public override bool IsTrue => Text.Length > 0;

    /// <summary>In code points, as Python counts.</summary>
    public override int? Length => IsBasic ? Text.Length : CodePoints.Count(Text);

    public override IEnumerable<Value> Items
    {
        get
        {
            for (int at = 0, size; at < Text.Length; at += size)
            {
                size = CodePoints.SizeAt(Text, at);
                yield return Slice(at, size);
            }
        }
    }

    /// <summary>Whether every char is a code point, so that Python's positions are C#'s.</summary>
    public bool IsBasic => _isBasic ??= !Text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    public bool IsInputAt(int index)
    {
        foreach (OriginRun run in _runs)
            if (index < run.End)
                return run.IsInput;
        return false;
    }

    /// <summary>A part, in chars.</summary>
    public StringValue Slice(int start, int length)
    {
        if (length == 0)
            return Empty;
        if (length == Text.Length)
            return this;
        string part = Text.Substring(start, length);
        if (_runs.Length == 1)
            return new StringValue(part, _runs[0].IsInput);
        List<OriginRun> runs = [];
        foreach (OriginRun run in _runs)
        {
            int end = Math.Min(run.End - start, length);
            if (end > 0)
                runs.Add(new OriginRun(end, run.IsInput));
            if (end == length)
                break;
        }
        return new StringValue(part, [.. runs]);
    }

    public StringValue Slice(Range range)
    {
        (int start, int length) = range.GetOffsetAndLength(Text.Length);
        return Slice(start, length);
    }

    /// <summary>Another text made of this one as a whole: input if any part of this is.</summary>
    public StringValue Derive(string text) => new(text, HasInput);
}
