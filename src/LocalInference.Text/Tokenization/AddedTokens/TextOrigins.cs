using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Tokenization.AddedTokens;

/// <summary>
/// Which stretches of a text may hold control tokens. Read front to back: a cursor remembers the stretch asked for last.
/// </summary>
internal ref struct TextOrigins
{
    private readonly ReadOnlySpan<OriginRun> _runs;
    private readonly bool _isTrusted;
    private int _offset;
    private int _index;

    private TextOrigins(ReadOnlySpan<OriginRun> runs, bool isTrusted)
    {
        _runs = runs;
        _isTrusted = isTrusted;
    }

    /// <summary>A prompt's: control tokens may stand in the template's own stretches.</summary>
    public static TextOrigins Of(ReadOnlySpan<OriginRun> runs) => new(runs, isTrusted: runs is [{ IsInput: false }]);

    /// <summary>A text from one origin.</summary>
    public static TextOrigins All(bool trusted) => new(default, trusted);

    /// <summary>Whether the text has one origin only, so that positions do not matter.</summary>
    public readonly bool IsUniform => _runs.Length <= 1;

    /// <summary>The origins of the text that begins at <paramref name="start"/>.</summary>
    public readonly TextOrigins From(int start) => this with { _offset = _offset + start, _index = 0 };

    /// <summary>Where a control token that begins at <paramref name="position"/> must have ended; 0 where none may begin.</summary>
    public int ControlLimit(int position)
    {
        if (IsUniform) return _isTrusted ? int.MaxValue : 0;
        position += _offset;
        if (_index > 0 && position < _runs[_index - 1].End) _index = 0;
        while (position >= _runs[_index].End) _index++;
        return _runs[_index].IsInput ? 0 : _runs[_index].End - _offset;
    }
}
