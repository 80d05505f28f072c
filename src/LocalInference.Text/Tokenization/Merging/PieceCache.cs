using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalInference.Text.Tokenization.Vocabularies;

namespace LocalInference.Text.Tokenization.Merging;

/// <summary>
/// Remembers what pieces were encoded to, by their UTF-16, so that a known piece is never transcoded. Fixed in size, allocates nothing
/// after construction, takes no lock: each entry carries a version that is odd while it is written, and a reader who saw it change takes
/// the piece as not found.
/// </summary>
/// <remarks>Safe for concurrent use. A new piece replaces whatever had its place.</remarks>
internal sealed class PieceCache
{
    /// <summary>The longest piece it takes, in characters: longer ones hardly ever come twice.</summary>
    public const int MaxChars = 32;

    /// <summary>The most ids an entry can hold.</summary>
    public const int MaxIds = PayloadInts;

    // One entry is two cache lines of ints: version, hash, lengths, then the characters (padded to an int) and right after them the ids.
    private const int EntryInts = 32;
    private const int Version = 0;
    private const int Hash = 1;
    private const int Lengths = 2;
    private const int Payload = 3;
    private const int PayloadInts = EntryInts - Payload;

    private const int CharsPerLong = sizeof(ulong) / sizeof(char);

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
    public int Get(ReadOnlySpan<char> piece, uint hash, Span<int> ids)
    {
        // The mask keeps the entry inside the table.
        ref int entry = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), (nint)(hash & (uint)_mask) * EntryInts);
        int version = Volatile.Read(ref entry);
        int lengths = Unsafe.Add(ref entry, Lengths);
        if ((version & 1) != 0 || (uint)Unsafe.Add(ref entry, Hash) != hash || (lengths & 0xFF) != piece.Length) return -1;
        int count = lengths >> 8;
        int begin = Payload + IntsOf(piece.Length);
        // Read while another wrote, the lengths may be those of two entries.
        if ((uint)(begin + count) > EntryInts) return -1;
        ref char known = ref Unsafe.As<int, char>(ref Unsafe.Add(ref entry, Payload));
        if (!piece.SequenceEqual(MemoryMarshal.CreateReadOnlySpan(ref known, piece.Length))) return -1;
        if (count == 1) ids[0] = Unsafe.Add(ref entry, begin);
        else MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref entry, begin), count).CopyTo(ids);
        Volatile.ReadBarrier();
        return entry == version ? count : -1;
    }

    /// <summary>Remembers a piece, unless it is too long or its place is being written.</summary>
    public void Set(ReadOnlySpan<char> piece, uint hash, ReadOnlySpan<int> ids)
    {
        if (piece.Length > MaxChars || IntsOf(piece.Length) + ids.Length > PayloadInts) return;
        Span<int> entry = EntryOf(hash);
        int version = entry[Version];
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref entry[Version], version + 1, version) != version) return;
        entry[Hash] = (int)hash;
        entry[Lengths] = piece.Length | (ids.Length << 8);
        piece.CopyTo(MemoryMarshal.Cast<int, char>(entry[Payload..]));
        ids.CopyTo(entry[(Payload + IntsOf(piece.Length))..]);
        Volatile.Write(ref entry[Version], version + 2);
    }

    /// <summary>
    /// The hash under which a piece of at least one character is kept: four characters a step, the last step overlapping.
    /// </summary>
    public static uint HashOf(ReadOnlySpan<char> piece)
    {
        ref char first = ref MemoryMarshal.GetReference(piece);
        int length = piece.Length;
        ulong hash = (ulong)length * ByteHash.Golden;
        if (length < CharsPerLong)
        {
            ulong middle = Unsafe.Add(ref first, length / 2);
            ulong last = Unsafe.Add(ref first, length - 1);
            return ByteHash.Finish(hash ^ first ^ (middle << 16) ^ (last << 32));
        }

        for (int at = 0; at + CharsPerLong < length; at += CharsPerLong) hash = ByteHash.Mix(hash ^ ReadLong(ref first, at));
        return ByteHash.Finish(hash ^ ReadLong(ref first, length - CharsPerLong));
    }

    private static ulong ReadLong(ref char first, int at) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<char, byte>(ref Unsafe.Add(ref first, at)));

    private static int IntsOf(int chars) => (chars + 1) / 2;

    private Span<int> EntryOf(uint hash) => _entries.AsSpan((int)(hash & (uint)_mask) * EntryInts, EntryInts);
}
