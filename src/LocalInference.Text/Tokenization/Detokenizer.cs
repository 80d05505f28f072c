using System.Buffers;
using System.Text;

namespace LocalInference.Text.Tokenization;

/// <summary>
/// Turns one answer's ids into text as they come: whole characters only, never half of one, and in the end the same text that
/// <see cref="ByteLevelBpeTokenizer.Decode(ReadOnlySpan{int}, bool)"/> makes of all ids.
/// </summary>
/// <param name="tokenizer">Whose ids.</param>
/// <remarks>Not thread-safe; one per answer. Allocates nothing per token once its buffers have grown to the longest token.</remarks>
internal sealed class Detokenizer(ByteLevelBpeTokenizer tokenizer)
{
    private const int MaxPending = 3;
    private byte[] _bytes = new byte[64];
    private char[] _chars = new char[64];
    private int _pending;
    private int _toStrip = tokenizer.StripCount;

    /// <summary>Whether bytes are held back that may become a character.</summary>
    public bool HasPending => _pending > 0;

    /// <summary>Takes the next id.</summary>
    /// <param name="id">Any number; one outside the vocabulary says nothing.</param>
    /// <returns>The characters that became whole; valid until the next call.</returns>
    public ReadOnlySpan<char> Append(int id)
    {
        ReadOnlySpan<byte> written = tokenizer.GetBytes(id);
        int length = _pending + written.Length;
        if (_bytes.Length < length) Grow(length);
        written.CopyTo(_bytes.AsSpan(_pending));
        int unfinished = UnfinishedTail(_bytes.AsSpan(0, length));
        ReadOnlySpan<char> text = Write(length - unfinished);
        _bytes.AsSpan(length - unfinished, unfinished).CopyTo(_bytes);
        _pending = unfinished;
        return text;
    }

    /// <summary>The answer is over: what was held back is no character and becomes U+FFFD. The next id begins a new text.</summary>
    /// <returns>The last characters; valid until the next call.</returns>
    public ReadOnlySpan<char> Flush()
    {
        ReadOnlySpan<char> text = Write(_pending);
        _pending = 0;
        _toStrip = tokenizer.StripCount;
        return text;
    }

    // How many bytes at the end begin a character without ending it.
    private static int UnfinishedTail(ReadOnlySpan<byte> bytes)
    {
        for (int tail = 1; tail <= Math.Min(MaxPending, bytes.Length); tail++)
        {
            byte lead = bytes[^tail];
            if (lead is >= 0x80 and <= 0xBF) continue;
            return lead >= 0xC0 && Rune.DecodeFromUtf8(bytes[^tail..], out _, out _) == OperationStatus.NeedMoreData ? tail : 0;
        }

        return 0;
    }

    private ReadOnlySpan<char> Write(int byteCount)
    {
        int count = Encoding.UTF8.GetChars(_bytes.AsSpan(0, byteCount), _chars);
        int stripped = 0;
        while (stripped < count && _toStrip > 0)
        {
            if (_chars[stripped] != tokenizer.StripCharacter) _toStrip = 0;
            else (stripped, _toStrip) = (stripped + 1, _toStrip - 1);
        }

        return _chars.AsSpan(stripped, count - stripped);
    }

    // UTF-8 never makes more characters than it has bytes.
    private void Grow(int length)
    {
        Array.Resize(ref _bytes, length * 2);
        _chars = new char[length * 2];
    }
}
