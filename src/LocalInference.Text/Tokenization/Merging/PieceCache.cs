using System.Runtime.InteropServices;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>
/// Remembers what pieces were encoded to. Fixed in size, allocates nothing after construction, takes no lock: each entry carries a
/// version that is odd while it is written, and a reader who saw it change takes the piece as not found.
/// </summary>
/// <remarks>Safe for concurrent use. A new piece replaces whatever had its place.</remarks>
internal sealed class PieceCache
{
    /// <summary>The longest piece it takes, in bytes: longer ones hardly ever come twice.</summary>
    public const int MaxBytes = 64;

    /// <summary>The most ids an entry can hold.</summary>
    public const int MaxIds = PayloadInts;

    // One entry is two cache lines of ints: version, hash, lengths, then the bytes (padded to an int) and right after them the ids.
    private const int EntryInts = 32;
    private const int Version = 0;
    private const int Hash = 1;
    private const int Lengths = 2;
    private const int Payload = 3;
    private const int PayloadInts = EntryInts - Payload;

    private readonly int[] _entries;
    private readonly int _mask;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="entries">A power of two. The default 32,768 (4 MiB) holds the working vocabulary of a language.</param>
    public PieceCache(int entries = 1 << 15)
    {
        _entries = new int[entries * EntryInts];
        _mask = entries - 1;
    }

    /// <summary>Writes what a piece was encoded to.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="hash">Its <see cref="HashOf"/>.</param>
    /// <param name="ids">Room for <see cref="MaxIds"/> ids; its contents mean nothing when the piece is not known.</param>
    /// <returns>How many ids, or -1 when the piece is not known.</returns>
    public int Get(ReadOnlySpan<byte> piece, uint hash, Span<int> ids)
    {
        Span<int> entry = EntryOf(hash);
        int version = Volatile.Read(ref entry[Version]);
        if ((version & 1) != 0 || (uint)entry[Hash] != hash) return -1;
        int lengths = entry[Lengths];
        (int length, int count) = (lengths & 0xFF, lengths >> 8);
        int begin = Payload + IntsOf(length);
        if (length != piece.Length || begin + count > EntryInts) return -1;
        if (!piece.SequenceEqual(MemoryMarshal.AsBytes(entry[Payload..])[..length])) return -1;
        entry.Slice(begin, count).CopyTo(ids);
        Volatile.ReadBarrier();
        return entry[Version] == version ? count : -1;
    }

    /// <summary>Remembers a piece, unless it is too long or its place is being written.</summary>
    public void Set(ReadOnlySpan<byte> piece, uint hash, ReadOnlySpan<int> ids)
    {
        if (piece.Length > MaxBytes || IntsOf(piece.Length) + ids.Length > PayloadInts) return;
        Span<int> entry = EntryOf(hash);
        int version = entry[Version];
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref entry[Version], version + 1, version) != version) return;
        entry[Hash] = (int)hash;
        entry[Lengths] = piece.Length | (ids.Length << 8);
        piece.CopyTo(MemoryMarshal.AsBytes(entry[Payload..]));
        ids.CopyTo(entry[(Payload + IntsOf(piece.Length))..]);
        Volatile.Write(ref entry[Version], version + 2);
    }

    /// <summary>The hash under which a piece is kept.</summary>
    public static uint HashOf(ReadOnlySpan<byte> piece) => ByteHash.Of(piece);

    private static int IntsOf(int bytes) => (bytes + sizeof(int) - 1) / sizeof(int);

    private Span<int> EntryOf(uint hash) => _entries.AsSpan((int)(hash & (uint)_mask) * EntryInts, EntryInts);
}
