using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>
/// Between which characters a merge may join a part of one with its neighbour (a space and the first byte of what follows, for example).
/// Real vocabularies have few such merges. They are kept by the whole of the right character and a group of the left one's last byte: never
/// less than there are, hardly ever more.
/// </summary>
internal sealed class MergeRisks
{
    private const int AsciiGroup = 31;

    // For each right character, a bit for each group of left ones.
    private readonly uint[] _leftGroups = new uint[char.MaxValue + 1];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MergeRisks(Vocabulary vocabulary, MergeTable merges)
    {
        merges.VisitPairs((left, right, _, _) => AddPair(vocabulary.Texts[left], vocabulary.Texts[right]));
        // What begins outside the BMP is not told apart.
        _leftGroups.AsSpan('\uD800', 0x800).Fill(uint.MaxValue);
    }

    /// <summary>Whether a merge may join a part of one of these neighbours with the other, or with a part of it.</summary>
    /// <param name="left">A character, or the second half of one.</param>
    /// <param name="right">A character, or the first half of one.</param>
    public bool MayJoin(char left, char right) => ((_leftGroups[right] >> GroupOf(left)) & 1) != 0;

    // The last six bits of a character are those of its last byte.
    private static int GroupOf(char left) => left < 0x80 ? AsciiGroup : Math.Min((left & 0x3F) >> 1, AsciiGroup - 1);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPair(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.IsEmpty || right.IsEmpty || (right[0] & 0xC0) == 0x80 || (right[0] < 0x80 && left[^1] < 0x80)) return;
        bool isLeftWhole = Rune.DecodeLastFromUtf8(left, out _, out _) == OperationStatus.Done;
        bool isRightWhole = Rune.DecodeFromUtf8(right, out Rune first, out _) == OperationStatus.Done;
        if (isLeftWhole && isRightWhole) return;
        uint group = 1u << GroupOf((char)left[^1]);
        if (!isRightWhole) AddBeginning(right, group);
        else if (first.IsBmp) _leftGroups[first.Value] |= group;
    }

    // All characters whose UTF-8 begins so.
    private void AddBeginning(ReadOnlySpan<byte> beginning, uint group)
    {
        if (beginning[0] >= 0xF0) return;
        bool isOfThree = beginning[0] >= 0xE0;
        int first = (beginning[0] & (isOfThree ? 0x0F : 0x1F)) << (isOfThree ? 12 : 6);
        if (beginning.Length > 1) first |= (beginning[1] & 0x3F) << 6;
        int count = isOfThree && beginning.Length == 1 ? 0x1000 : 0x40;
        foreach (ref uint groups in _leftGroups.AsSpan(first, count)) groups |= group;
    }
}
