using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace LocalInference.Text.Tokenization.Vocabularies;

/// <summary>Collects tokens in the order of a file, which is rarely that of their ids, and lays them out by id.</summary>
internal sealed class VocabularyBuilder(bool isByteLevel)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 20);
    private readonly List<Entry> _spelled = new(1 << 17);
    private readonly List<Entry> _written = [];

    /// <summary>Adds a token of the model's vocabulary in its file's spelling.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ReadOnlySpan<char> spelling, int id)
    {
        Span<byte> room = _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(spelling.Length));
        if (isByteLevel && ByteAlphabet.TrySpell(spelling, room))
            _spelled.Add(Take(id, spelling.Length, isText: !spelling.IsEmpty));
        else
            _spelled.Add(Take(id, Encoding.UTF8.GetBytes(spelling, room), isText: !isByteLevel && !spelling.IsEmpty));
    }

    /// <summary>Says what decoding writes for an id, whatever its spelling is: an added token's text, a byte token's byte.</summary>
    public void WriteAs(int id, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.GetSpan(bytes.Length));
        _written.Add(Take(id, bytes.Length, isText: false));
    }

    /// <summary>Lays the tokens out, once as merging sees them and once as decoding writes them.</summary>
    public (Vocabulary Spelled, TokenTexts Written) Build()
    {
        int size = 0;
        foreach (Entry entry in _spelled) size = Math.Max(size, entry.Id + 1);
        foreach (Entry entry in _written) size = Math.Max(size, entry.Id + 1);
        var byId = new Entry[size];
        foreach (Entry entry in _spelled) byId[entry.Id] = entry;
        var vocabulary = new Vocabulary(LayOut(byId), Array.ConvertAll(byId, static entry => entry.IsText), isByteLevel);
        if (_written.Count == 0) return (vocabulary, vocabulary.Texts);
        foreach (Entry entry in _written) byId[entry.Id] = entry;
        return (vocabulary, LayOut(byId));
    }

    private Entry Take(int id, int length, bool isText)
    {
        var entry = new Entry(id, _bytes.WrittenCount, length, isText);
        _bytes.Advance(length);
        return entry;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TokenTexts LayOut(Entry[] byId)
    {
        var offsets = new int[byId.Length + 1];
        for (int id = 0; id < byId.Length; id++) offsets[id + 1] = offsets[id] + byId[id].Length;
        var blob = new byte[offsets[^1]];
        for (int id = 0; id < byId.Length; id++)
            _bytes.WrittenSpan.Slice(byId[id].Offset, byId[id].Length).CopyTo(blob.AsSpan(offsets[id]));
        return new TokenTexts(blob, offsets);
    }

    private readonly record struct Entry(int Id, int Offset, int Length, bool IsText);
}
