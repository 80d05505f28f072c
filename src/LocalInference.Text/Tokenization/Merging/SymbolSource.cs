using System.Text;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>What to do with text that has no token of its own.</summary>
/// <param name="UnknownId">The id that stands for it, or -1: it is left out then, as in Hugging Face.</param>
/// <param name="FuseUnknown">Neighbouring unknown characters become one <paramref name="UnknownId"/>.</param>
/// <param name="ByteFallback">
/// Its UTF-8 bytes are written as <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> first, where all of them exist.
/// </param>
internal readonly record struct UnknownTextRule(int UnknownId = -1, bool FuseUnknown = false, bool ByteFallback = false);

/// <summary>
/// Turns a piece into the symbols that merging starts from: one a byte in byte-level vocabularies (or one a character, where that comes to
/// the same), one a character in the others.
/// </summary>
internal sealed class SymbolSource
{
    private readonly Vocabulary _vocabulary;
    private readonly UnknownTextRule _rule;
    private readonly WholeCharacters? _wholeCharacters;
    private readonly int[] _byteIds = new int[256];
    private readonly int[] _fallbackIds = new int[256];

    public SymbolSource(Vocabulary vocabulary, MergeTable merges, UnknownTextRule rule)
    {
        (_vocabulary, _rule) = (vocabulary, rule);
        for (int value = 0; value < 256; value++)
        {
            _byteIds[value] = vocabulary.Find([(byte)value]);
            _fallbackIds[value] = rule.ByteFallback ? vocabulary.FindSpelling($"<0x{value:X2}>") : -1;
        }

        bool hasEveryByte = !_byteIds.Where((id, value) => id < 0 && !IsNeverInUtf8(value)).Any();
        if (vocabulary.IsByteLevel && hasEveryByte) _wholeCharacters = new WholeCharacters(vocabulary, merges, _byteIds);
    }

    /// <summary>Writes the symbols of a piece, never more than its UTF-8 has bytes.</summary>
    /// <returns>How many.</returns>
    public int Read(ReadOnlySpan<char> piece, Span<int> symbols) =>
        _wholeCharacters?.Read(piece, symbols) ?? (_vocabulary.IsByteLevel ? ReadBytes(piece, symbols) : ReadCharacters(piece, symbols));

    // DeepSeek-LLM's vocabulary has no tokens for these.
    private static bool IsNeverInUtf8(int value) => value is 0xC0 or 0xC1 or > 0xF4;

    private int ReadBytes(ReadOnlySpan<char> piece, Span<int> symbols)
    {
        int count = 0;
        bool afterUnknown = false;
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in piece.EnumerateRunes())
        {
            foreach (byte value in bytes[..rune.EncodeToUtf8(bytes)])
            {
                if (_byteIds[value] >= 0) symbols[count++] = _byteIds[value];
                else AddUnknown(symbols, ref count, afterUnknown);
                afterUnknown = _byteIds[value] < 0;
            }
        }

        return count;
    }

    private int ReadCharacters(ReadOnlySpan<char> piece, Span<int> symbols)
    {
        int count = 0;
        bool afterUnknown = false;
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in piece.EnumerateRunes())
        {
            ReadOnlySpan<byte> character = bytes[..rune.EncodeToUtf8(bytes)];
            if (_vocabulary.Find(character) is var id and >= 0)
            {
                symbols[count++] = id;
                afterUnknown = false;
            }
            else if (!TryAddBytes(character, symbols, ref count))
            {
                AddUnknown(symbols, ref count, afterUnknown);
                afterUnknown = true;
            }
        }

        return count;
    }

    private bool TryAddBytes(ReadOnlySpan<byte> character, Span<int> symbols, ref int count)
    {
        foreach (byte value in character)
            if (_fallbackIds[value] < 0)
                return false;
        foreach (byte value in character) symbols[count++] = _fallbackIds[value];
        return true;
    }

    private void AddUnknown(Span<int> symbols, ref int count, bool afterUnknown)
    {
        if (_rule.UnknownId >= 0 && !(afterUnknown && _rule.FuseUnknown)) symbols[count++] = _rule.UnknownId;
    }
}
