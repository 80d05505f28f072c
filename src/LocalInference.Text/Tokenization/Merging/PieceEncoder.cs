using System.Buffers;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>
/// Encodes one piece of pre-tokenised text: a whole token where merges are ignored, else from the cache, else by merging.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class PieceEncoder
{
    private readonly Vocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly SymbolSource _symbols;
    private readonly bool _ignoreMerges;
    private readonly PieceCache _cache = new();
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
    }

    /// <summary>Encodes a piece.</summary>
    /// <param name="piece">UTF-8, at least one byte.</param>
    /// <param name="ids">Room for at least <see cref="RoomFor"/> ids.</param>
    /// <returns>How many were written.</returns>
    public int Encode(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        if (piece.Length == 1) return _symbols.Read(piece, ids);
        if (_ignoreMerges && _vocabulary.Find(piece) is var whole and >= 0 && !_controlIds.Contains(whole))
        {
            ids[0] = whole;
            return 1;
        }

        if (piece.Length > PieceCache.MaxBytes) return Merge(piece, ids);
        uint hash = PieceCache.HashOf(piece);
        int count = _cache.Get(piece, hash, ids);
        if (count >= 0) return count;
        count = Merge(piece, ids);
        _cache.Set(piece, hash, ids[..count]);
        return count;
    }

    /// <summary>The room that encoding a piece may need.</summary>
    public static int RoomFor(int bytes) => Math.Max(bytes, PieceCache.MaxIds);

    private int Merge(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        int count = _symbols.Read(piece, ids);
        Span<int> symbols = ids[..count];
        count = count <= ShortMerger.Limit ? ShortMerger.Merge(_merges, symbols) : LongMerger.Merge(_merges, symbols);
        return _controlParts.Count == 0 ? count : SplitControlIds(ids, count, piece.Length);
    }

    // Where the merges themselves spell a control token ("<think>" learnt as a word), text stays text: its parts are taken instead.
    private int SplitControlIds(Span<int> ids, int count, int room)
    {
        int[] copy = ArrayPool<int>.Shared.Rent(count);
        ids[..count].CopyTo(copy);
        int written = 0;
        foreach (int id in copy.AsSpan(0, count)) AddParts(id, ids[..room], ref written);
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
