using System.Buffers;
using System.Text;
using LocalInference.Text.Tokenization.Merging;
using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tokenization;

/// <summary>Takes what encoding finds, in order: added tokens, and pieces of the text between them. One per call.</summary>
internal abstract class EncodingSink : PieceSink, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1 << 10);

    /// <summary>An added token, with the white space that it takes along.</summary>
    public abstract void TakeAdded(int id, ReadOnlySpan<char> text);

    /// <summary>A stretch of normalised text begins; its pieces follow.</summary>
    public virtual void BeginText(ReadOnlySpan<char> text) { }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    /// <summary>The UTF-8 of a piece, lone surrogates as U+FFFD; valid until the next call.</summary>
    protected ReadOnlySpan<byte> ToUtf8(ReadOnlySpan<char> text)
    {
        int room = checked(text.Length * 3);
        if (_bytes.Length < room)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(room);
        }

        return _bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, _bytes));
    }
}

/// <summary>Collects ids, and the normalised text where that is wanted.</summary>
internal sealed class IdSink(PieceEncoder encoder, TokenBuffer output, StringBuilder? normalizedText = null) : EncodingSink
{
    public override void TakeAdded(int id, ReadOnlySpan<char> text)
    {
        output.Add(id);
        normalizedText?.Append(text);
    }

    public override void BeginText(ReadOnlySpan<char> text) => normalizedText?.Append(text);

    public override void Take(in Piece piece)
    {
        ReadOnlySpan<byte> bytes = ToUtf8(piece.Text);
        output.Advance(encoder.Encode(bytes, output.Reserve(PieceEncoder.RoomFor(bytes.Length))));
    }
}
