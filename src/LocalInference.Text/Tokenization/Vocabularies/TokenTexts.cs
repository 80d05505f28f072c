namespace LocalInference.Text.Tokenization.Vocabularies;

/// <summary>The bytes of every id, one after the other in one blob: a lookup is two loads, and no id is an object.</summary>
/// <param name="blob">The bytes of all ids in order.</param>
/// <param name="offsets">Where each id's bytes begin, and where the last one's end.</param>
internal sealed class TokenTexts(byte[] blob, int[] offsets)
{
    /// <summary>One more than the largest id; ids in between may say nothing.</summary>
    public int Size => offsets.Length - 1;

    /// <summary>The bytes of an id; empty for one that nobody defined.</summary>
    public ReadOnlySpan<byte> this[int id] => (uint)id < (uint)Size ? blob.AsSpan(offsets[id], offsets[id + 1] - offsets[id]) : default;
}
