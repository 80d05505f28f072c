using System.Buffers;
using System.Text;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>
/// Reads patterns of the form space? class repetition?, such as <c>\s?[A-Za-zµ]+</c>, into a <see cref="ClassRunMatcher"/>. Anything beyond
/// that form is not read: a regular expression does it then.
/// </summary>
internal ref struct ClassPattern
{
    private ReadOnlySpan<char> _rest;

    private ClassPattern(string pattern) => _rest = pattern;

    /// <summary>Reads a pattern; null where it has another form.</summary>
    public static ClassRunMatcher? TryRead(string pattern)
    {
        var reader = new ClassPattern(pattern);
        RunPrefix prefix = reader.Skip(@"\s?") ? RunPrefix.Space : reader.Skip(" ?") ? RunPrefix.Blank : RunPrefix.None;
        return reader.ReadClass() is { } set && reader.ReadMaxLength() is { } maxLength && reader._rest.IsEmpty
            ? new ClassRunMatcher(set, prefix, maxLength)
            : null;
    }

    private CodePointSet? ReadClass()
    {
        CharClass classes = CharClass.None;
        if (TryReadCategory(ref classes)) return new CodePointSet([], classes);
        if (!Skip("[")) return null;
        bool isNegated = Skip("^");
        var ranges = new List<(int, int)>();
        while (!Skip("]"))
        {
            if (TryReadCategory(ref classes)) continue;
            if (ReadCharacter() is not { } first) return null;
            int? last = first;
            if (_rest is ['-', not ']', ..] && Skip("-")) last = ReadCharacter();
            if (last is null || last < first) return null;
            ranges.Add((first, last.Value));
        }

        return new CodePointSet(ranges, classes, isNegated);
    }

    private bool TryReadCategory(ref CharClass classes)
    {
        CharClass read =
            Skip(@"\p{L}") ? CharClass.Letter : Skip(@"\p{N}") ? CharClass.Number : Skip(@"\p{M}") ? CharClass.Mark
            : Skip(@"\p{P}") ? CharClass.Punctuation : Skip(@"\p{S}") ? CharClass.Symbol : Skip(@"\s") ? CharClass.Space : CharClass.None;
        classes |= read;
        return read != CharClass.None;
    }

    // A literal character of a class; null at its end, at a nested class or intersection, and at an escape that is not known here.
    private int? ReadCharacter()
    {
        if (Skip(@"\"))
        {
            if (_rest.IsEmpty) return null;
            char escaped = _rest[0];
            _rest = _rest[1..];
            return escaped switch
            {
                'r' => '\r',
                'n' => '\n',
                't' => '\t',
                _ when char.IsAsciiLetterOrDigit(escaped) => null,
                _ => escaped,
            };
        }

        if (_rest is [] or ['[' or '&', ..]) return null;
        if (Rune.DecodeFromUtf16(_rest, out Rune rune, out int width) != OperationStatus.Done) return null;
        _rest = _rest[width..];
        return rune.Value;
    }

    private int? ReadMaxLength()
    {
        if (_rest.IsEmpty) return 1;
        if (Skip("+")) return int.MaxValue;
        if (!Skip("{1,")) return null;
        int end = _rest.IndexOf('}');
        if (end <= 0 || !int.TryParse(_rest[..end], out int length) || length < 1) return null;
        _rest = _rest[(end + 1)..];
        return length;
    }

    private bool Skip(string expected)
    {
        if (!_rest.StartsWith(expected, StringComparison.Ordinal)) return false;
        _rest = _rest[expected.Length..];
        return true;
    }
}
