using System.Runtime.CompilerServices;
using System.Text;
using LocalInference.Text.Tokenization.Merging;
using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tokenization;

/// <summary>Takes what encoding finds, in order: added tokens, and pieces of the text between them. One per call.</summary>
internal abstract class EncodingSink : PieceSink
{
    /// <summary>An added token, with the white space that it takes along.</summary>
    public abstract void TakeAdded(int id, ReadOnlySpan<char> text);

    /// <summary>A stretch of normalised text begins; its pieces follow.</summary>
    public virtual void BeginText(ReadOnlySpan<char> text) { }

    /// <summary>Appends a piece's ids: those that are remembered, else those that are found now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void Encode(ReadOnlySpan<char> piece, PieceEncoder encoder, TokenBuffer ids)
    {
        if (!encoder.TryRecall(piece, ids.Reserve(PieceEncoder.RecallRoom), out int count))
            count = encoder.Encode(piece, ids.Reserve(PieceEncoder.RoomFor(piece)));
        ids.Advance(count);
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

    public override void Take(in Piece piece) => Encode(piece.Text, encoder, output);
}
