namespace LocalInference.Text.Tokenization.AddedTokens;

/// <summary>
/// Which stretches of a text may hold control tokens. Read front to back: a cursor remembers the stretch asked for last.
/// </summary>
internal ref struct TextOrigins
{
    private readonly ReadOnlySpan<int> _ends;
    private readonly bool _firstIsTrusted;
    private int _offset;
    private int _index;

    /// <summary>A text of alternating stretches.</summary>
    /// <param name="ends">Where each ends; the last one's end is the text's.</param>
    /// <param name="firstIsTrusted">Whether the first stretch may hold control tokens; they take turns from there.</param>
    public TextOrigins(ReadOnlySpan<int> ends, bool firstIsTrusted)
    {
        _ends = ends;
        _firstIsTrusted = firstIsTrusted;
    }

    /// <summary>A text from one origin.</summary>
    public static TextOrigins All(bool trusted) => new(default, trusted);

    /// <summary>Whether the text has one origin only, so that positions do not matter.</summary>
    public readonly bool IsUniform => _ends.Length <= 1;

    /// <summary>The origins of the text that begins at <paramref name="start"/>.</summary>
    public readonly TextOrigins From(int start) => this with { _offset = _offset + start, _index = 0 };

    /// <summary>Where a control token that begins at <paramref name="position"/> must have ended; 0 where none may begin.</summary>
    public int ControlLimit(int position)
    {
        if (IsUniform) return _firstIsTrusted ? int.MaxValue : 0;
        position += _offset;
        if (_index > 0 && position < _ends[_index - 1]) _index = 0;
        while (position >= _ends[_index]) _index++;
        return (_index & 1) == 0 == _firstIsTrusted ? _ends[_index] - _offset : 0;
    }
}
