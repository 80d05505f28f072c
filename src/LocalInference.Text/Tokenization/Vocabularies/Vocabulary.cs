using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace LocalInference.Text.Tokenization.Vocabularies;

/// <summary>The model's tokens as merging sees them: bytes to id and back, one open-addressing table of ids. Immutable.</summary>
internal sealed class Vocabulary
{
    private readonly bool[] _isText;
    private readonly int[] _slots;

    /// <summary>Built by <see cref="VocabularyBuilder"/>.</summary>
    /// <param name="texts">What each id says.</param>
    /// <param name="isText">True for ids that text can turn into; the others are spelled in no letters of the byte alphabet.</param>
    /// <param name="isByteLevel">Whether the file spells its tokens in <see cref="ByteAlphabet"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Vocabulary(TokenTexts texts, bool[] isText, bool isByteLevel)
    {
        (Texts, _isText, IsByteLevel) = (texts, isText, isByteLevel);
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(isText.Length * 2, 8))];
        Array.Fill(_slots, -1);
        for (int id = 0; id < isText.Length; id++)
        {
            if (!isText[id]) continue;
            _slots[FindSlot(texts[id])] = id;
            MaxLength = Math.Max(MaxLength, texts[id].Length);
        }
    }

    /// <summary>What each id says, as the vocabulary spells it.</summary>
    public TokenTexts Texts { get; }

    /// <summary>Whether tokens are spelled in <see cref="ByteAlphabet"/>; else they are UTF-8 text.</summary>
    public bool IsByteLevel { get; }

    /// <summary>The most bytes that a token says that text can turn into.</summary>
    public int MaxLength { get; }

    /// <summary>The id that says exactly these bytes; -1 when none does.</summary>
    public int Find(ReadOnlySpan<byte> bytes) => _slots[FindSlot(bytes)];

    /// <summary>The id of a token in the spelling of its file; -1 when there is none.</summary>
    public int FindSpelling(string spelling)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(spelling.Length)];
        return Spell(spelling, bytes) is var length and >= 0 ? Find(bytes.AsSpan(0, length)) : -1;
    }

    /// <summary>Writes the bytes that a token of the file stands for; room for three bytes a character is enough.</summary>
    /// <returns>How many; -1 when it is not spelled in the byte alphabet though the vocabulary is.</returns>
    public int Spell(ReadOnlySpan<char> spelling, Span<byte> bytes)
    {
        if (!IsByteLevel) return Encoding.UTF8.GetBytes(spelling, bytes);
        return ByteAlphabet.TrySpell(spelling, bytes) ? spelling.Length : -1;
    }

    /// <summary>An id in the spelling of its file.</summary>
    public string SpellingOf(int id) =>
        IsByteLevel && (uint)id < (uint)_isText.Length && _isText[id]
            ? ByteAlphabet.Spelling(Texts[id])
            : Encoding.UTF8.GetString(Texts[id]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FindSlot(ReadOnlySpan<byte> bytes)
    {
        int mask = _slots.Length - 1;
        int slot = (int)ByteHash.Of(bytes) & mask;
        while (_slots[slot] is var id and >= 0 && !Texts[id].SequenceEqual(bytes)) slot = (slot + 1) & mask;
        return slot;
    }
}
