using System.Buffers;
using System.Runtime.CompilerServices;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>
/// A class of characters: ranges, Unicode categories, or everything but those. A table for the BMP, a search for the rest.
/// </summary>
internal sealed class CodePointSet
{
    // Up to so many members, looking for them all at once is faster than looking each character up.
    private const int MaxSearched = 5;

    private readonly bool[] _bmp = new bool[char.MaxValue + 1];
    private readonly (int First, int Last)[] _ranges;
    private readonly CharClass _classes;
    private readonly bool _isNegated;
    private readonly SearchValues<char>? _few;

    /// <summary>Makes a class.</summary>
    /// <param name="ranges">Code points, both ends included.</param>
    /// <param name="classes">Categories.</param>
    /// <param name="isNegated">Everything else instead.</param>
    public CodePointSet(IEnumerable<(int First, int Last)> ranges, CharClass classes, bool isNegated = false)
    {
        (_ranges, _classes, _isNegated) = ([.. ranges], classes, isNegated);
        if (classes != 0)
            for (int c = 0; c < _bmp.Length; c++) _bmp[c] = CharClasses.Has((char)c, classes);
        foreach ((int first, int last) in _ranges)
            if (first < _bmp.Length)
                _bmp.AsSpan(first..(Math.Min(last, char.MaxValue) + 1)).Fill(true);
        // A lone surrogate is what it becomes.
        _bmp.AsSpan('\uD800', 0x800).Fill(_bmp['\uFFFD']);
        if (isNegated)
            foreach (ref bool value in _bmp.AsSpan()) value = !value;
        _few = FindFew();
    }

    /// <summary><c>\s</c></summary>
    public static CodePointSet WhiteSpace { get; } = new([], CharClass.Space);

    /// <summary>Whether a character outside the surrogates belongs to the class.</summary>
    public bool Contains(char c) => _bmp[c];

    /// <summary>Where a member may be next: at or after <paramref name="from"/>, the text's end where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SkipOthers(ReadOnlySpan<char> text, int from)
    {
        if (_few is null) return from;
        int skipped = text[from..].IndexOfAny(_few);
        return skipped < 0 ? text.Length : from + skipped;
    }

    /// <summary>Whether the code point at <paramref name="index"/> belongs to the class; a lone surrogate counts as U+FFFD.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ContainsAt(ReadOnlySpan<char> text, int index, out int width)
    {
        char c = text[index];
        width = 1;
        return (c & 0xFC00) == 0xD800 ? ContainsSurrogate(text, index, out width) : _bmp[c];
    }

    private bool MayHaveAstral => _isNegated || _classes != 0 || _ranges.Any(range => range.Last > char.MaxValue);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ContainsSurrogate(ReadOnlySpan<char> text, int index, out int width)
    {
        bool isPair = index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);
        width = isPair ? 2 : 1;
        return isPair ? ContainsAstral(char.ConvertToUtf32(text[index], text[index + 1])) : _bmp[text[index]];
    }

    private bool ContainsAstral(int codePoint)
    {
        bool found = _classes != 0 && (CharClasses.Of(codePoint) & _classes) != 0;
        foreach ((int first, int last) in _ranges) found |= codePoint >= first && codePoint <= last;
        return found != _isNegated;
    }

    private SearchValues<char>? FindFew()
    {
        if (MayHaveAstral) return null;
        List<char> members = [];
        for (int c = 0; c < _bmp.Length && members.Count <= MaxSearched; c++)
            if (_bmp[c])
                members.Add((char)c);
        return members.Count <= MaxSearched ? SearchValues.Create([.. members]) : null;
    }
}
