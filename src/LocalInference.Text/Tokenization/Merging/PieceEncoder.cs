using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>
/// Encodes one piece of pre-tokenised text: from the cache, else as a whole token where merges are ignored, else by merging.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class PieceEncoder
{
    /// <summary>The room that <see cref="TryRecall"/> needs.</summary>
    public const int RecallRoom = PieceCache.MaxIds;

    private readonly Vocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly SymbolSource _symbols;
    private readonly bool _ignoreMerges;
    private readonly PieceCache _cache = new();
    private readonly int[] _asciiIds = new int[0x80];
    private readonly Dictionary<int, (int Left, int Right)> _controlParts;
    private readonly HashSet<int> _controlIds;

    /// <summary>Makes an encoder.</summary>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="merges">Its merges.</param>
    /// <param name="symbols">What merging starts from.</param>
    /// <param name="ignoreMerges">A piece that is a token is that token, whatever the merges say.</param>
    /// <param name="controlIds">Ids that text must never turn into.</param>
    public PieceEncoder(Vocabulary vocabulary, MergeTable merges, SymbolSource symbols, bool ignoreMerges, IEnumerable<int> controlIds)
    {
        (_vocabulary, _merges, _symbols, _ignoreMerges) = (vocabulary, merges, symbols, ignoreMerges);
        _controlIds = [.. controlIds];
        _controlParts = merges.FindParts(_controlIds);
        Span<int> ids = stackalloc int[RecallRoom];
        for (int c = 0; c < _asciiIds.Length; c++) _asciiIds[c] = symbols.Read([(char)c], ids) == 1 ? ids[0] : -1;
    }

    /// <summary>Writes what a piece is known to be encoded to: most pieces of most texts.</summary>
    /// <param name="piece">At least one character.</param>
    /// <param name="ids">Room for at least <see cref="RecallRoom"/> ids; its contents mean nothing when the answer is false.</param>
    /// <param name="count">How many were written.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRecall(ReadOnlySpan<char> piece, Span<int> ids, out int count)
    {
        if (piece.Length == 1 && piece[0] < 0x80)
        {
            count = 1;
            return (ids[0] = _asciiIds[piece[0]]) >= 0;
        }

        count = piece.Length <= PieceCache.MaxChars ? _cache.Get(piece, PieceCache.HashOf(piece), ids) : -1;
        return count >= 0;
    }

    /// <summary>Encodes a piece that is not known, and remembers it.</summary>
    /// <param name="piece">At least one character; a lone surrogate is U+FFFD.</param>
    /// <param name="ids">Room for at least <see cref="RoomFor"/> ids.</param>
    /// <returns>How many were written.</returns>
    public int Encode(ReadOnlySpan<char> piece, Span<int> ids)
    {
        int count = _ignoreMerges && FindWhole(piece) is var whole and >= 0 ? WriteOne(whole, ids) : Merge(piece, ids);
        if (piece.Length <= PieceCache.MaxChars) _cache.Set(piece, PieceCache.HashOf(piece), ids[..count]);
        return count;
    }

    /// <summary>The room that encoding a piece may need: an id for each byte. Only long pieces are worth counting them.</summary>
    public static int RoomFor(ReadOnlySpan<char> piece) => piece.Length <= 1 << 10 ? piece.Length * 3 : Encoding.UTF8.GetByteCount(piece);

    private static int WriteOne(int id, Span<int> ids)
    {
        ids[0] = id;
        return 1;
    }

    // The token that a whole piece is; -1 where it is none, or one that text must never turn into.
    [SkipLocalsInit]
    private int FindWhole(ReadOnlySpan<char> piece)
    {
        int length = Encoding.UTF8.GetByteCount(piece);
        if (length > _vocabulary.MaxLength) return -1;
        Span<byte> bytes = length <= 256 ? stackalloc byte[256] : new byte[length];
        Encoding.UTF8.GetBytes(piece, bytes);
        int id = _vocabulary.Find(bytes[..length]);
        return _controlIds.Contains(id) ? -1 : id;
    }

    private int Merge(ReadOnlySpan<char> piece, Span<int> ids)
    {
        int count = _symbols.Read(piece, ids);
        Span<int> symbols = ids[..count];
        count = count <= ShortMerger.Limit ? ShortMerger.Merge(_merges, symbols) : LongMerger.Merge(_merges, symbols);
        return _controlParts.Count == 0 ? count : SplitControlIds(ids, count);
    }

    // Where the merges themselves spell a control token ("<think>" learnt as a word), text stays text: its parts are taken instead.
    private int SplitControlIds(Span<int> ids, int count)
    {
        int[] copy = ArrayPool<int>.Shared.Rent(count);
        ids[..count].CopyTo(copy);
        int written = 0;
        foreach (int id in copy.AsSpan(0, count)) AddParts(id, ids, ref written);
        ArrayPool<int>.Shared.Return(copy);
        return written;
    }

    private void AddParts(int id, Span<int> ids, ref int written)
    {
        if (!_controlParts.TryGetValue(id, out var parts))
        {
            ids[written++] = id;
            return;
        }

        AddParts(parts.Left, ids, ref written);
        AddParts(parts.Right, ids, ref written);
    }
}
