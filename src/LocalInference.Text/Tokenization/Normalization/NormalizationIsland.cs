using System.Runtime.InteropServices;
using System.Text;

namespace LocalInference.Text.Tokenization.Normalization;

/// <summary>Normalises a short stretch by the book: decompose, order the marks, compose. Reused; not thread-safe.</summary>
internal sealed class NormalizationIsland(UnicodeForm form)
{
    private static readonly UnicodeFormTable Table = UnicodeFormTable.Shared;
    private readonly bool _compatible = form is UnicodeForm.CompatibleComposed or UnicodeForm.CompatibleDecomposed;
    private readonly bool _composes = form is UnicodeForm.Composed or UnicodeForm.CompatibleComposed;
    private readonly List<int> _codePoints = [];

    /// <summary>Whether a code point may change, or change what stands before it.</summary>
    public bool IsSuspect(int codePoint)
    {
        if (Table.ClassOf(codePoint) != 0) return true;
        if (_composes && (Table.IsSecond(codePoint) || Hangul.IsSecond(codePoint))) return true;
        _codePoints.Clear();
        Decompose(codePoint);
        if (_composes) Compose();
        return _codePoints.Count != 1 || _codePoints[0] != codePoint;
    }

    /// <summary>Appends the normal form of a stretch.</summary>
    public void AppendNormal(ReadOnlySpan<char> text, StringBuilder result)
    {
        _codePoints.Clear();
        for (int i = 0; i < text.Length; i++)
        {
            bool pair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            Decompose(pair ? char.ConvertToUtf32(text[i], text[i + 1]) : text[i]);
            if (pair) i++;
        }

        OrderMarks();
        if (_composes) Compose();
        foreach (int codePoint in _codePoints)
            if (codePoint <= char.MaxValue) result.Append((char)codePoint);
            else result.Append(char.ConvertFromUtf32(codePoint));
    }

    private void Decompose(int codePoint)
    {
        if (Hangul.IsSyllable(codePoint)) Hangul.Decompose(codePoint, _codePoints);
        else if (Table.Decompose(codePoint, _compatible) is { } parts) _codePoints.AddRange(parts);
        else _codePoints.Add(codePoint);
    }

    // Each run of marks is sorted by class, equal ones keep their order.
    private void OrderMarks()
    {
        for (int begin = 0; begin < _codePoints.Count; begin++)
        {
            int end = begin;
            bool ordered = true;
            byte last = 0;
            while (end < _codePoints.Count && Table.ClassOf(_codePoints[end]) is var mark and not 0)
            {
                ordered &= mark >= last;
                last = mark;
                end++;
            }

            if (!ordered) Sort(begin, end - begin);
            begin = Math.Max(begin, end);
        }
    }

    private void Sort(int begin, int count)
    {
        int[] sorted = [.. _codePoints.GetRange(begin, count).OrderBy(codePoint => Table.ClassOf(codePoint))];
        for (int i = 0; i < count; i++) _codePoints[begin + i] = sorted[i];
    }

    private void Compose()
    {
        (int written, int starter, byte last) = (0, -1, 0);
        foreach (int codePoint in CollectionsMarshal.AsSpan(_codePoints))
        {
            byte mark = Table.ClassOf(codePoint);
            // A mark is blocked from its starter by one of the same or a higher class between them.
            bool reaches = starter >= 0 && (written == starter + 1 || (last != 0 && last < mark));
            if (reaches && ComposePair(_codePoints[starter], codePoint) is var composed and >= 0)
            {
                _codePoints[starter] = composed;
                continue;
            }

            if (mark == 0) starter = written;
            last = mark;
            _codePoints[written++] = codePoint;
        }

        _codePoints.RemoveRange(written, _codePoints.Count - written);
    }

    private static int ComposePair(int first, int second) =>
        Hangul.Compose(first, second) is var syllable and >= 0 ? syllable : Table.Compose(first, second);
}
