using System.Runtime.CompilerServices;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>
/// A class of characters: ranges, Unicode categories, or everything but those. A table for the BMP, a search for the rest.
/// </summary>
internal sealed class CodePointSet
{
    private readonly bool[] _bmp = new bool[char.MaxValue + 1];
    private readonly (int First, int Last)[] _ranges;
    private readonly CharClass _classes;
    private readonly bool _isNegated;

    /// <summary>Makes a class.</summary>
    /// <param name="ranges">Code points, both ends included.</param>
    /// <param name="classes">Categories.</param>
    /// <param name="isNegated">Everything else instead.</param>
    public CodePointSet(IEnumerable<(int First, int Last)> ranges, CharClass classes, bool isNegated = false)
    {
        (_ranges, _classes, _isNegated) = ([.. ranges], classes, isNegated);
        for (int c = 0; c < _bmp.Length; c++) _bmp[c] = Contains(char.IsSurrogate((char)c) ? 0xFFFD : c);
    }

    /// <summary>Whether the code point at <paramref name="index"/> belongs to the class; a lone surrogate counts as U+FFFD.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ContainsAt(ReadOnlySpan<char> text, int index, out int width)
    {
        char c = text[index];
        width = 1;
        return (c & 0xFC00) == 0xD800 ? ContainsSurrogate(text, index, out width) : _bmp[c];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ContainsSurrogate(ReadOnlySpan<char> text, int index, out int width)
    {
        bool isPair = index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);
        width = isPair ? 2 : 1;
        return isPair ? Contains(char.ConvertToUtf32(text[index], text[index + 1])) : _bmp[text[index]];
    }

    private bool Contains(int codePoint)
    {
        bool found = _classes != 0 && (CharClasses.Of(codePoint) & _classes) != 0;
        foreach ((int first, int last) in _ranges) found |= codePoint >= first && codePoint <= last;
        return found != _isNegated;
    }
}
