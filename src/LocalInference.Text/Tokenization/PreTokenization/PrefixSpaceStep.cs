using System.Buffers;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary><c>add_prefix_space</c>: a space in front of every piece that begins with none.</summary>
internal sealed class PrefixSpaceStep : PreTokenizerStep
{
    public override void Split(in Piece piece, PieceSink sink)
    {
        if (piece.Text[0] == ' ')
        {
            Emit(piece, sink);
            return;
        }

        char[] prefixed = ArrayPool<char>.Shared.Rent(piece.Text.Length + 1);
        try
        {
            prefixed[0] = ' ';
            piece.Text.CopyTo(prefixed.AsSpan(1));
            Emit(new Piece(prefixed.AsSpan(0, piece.Text.Length + 1), piece.Offset, piece.Added + 1), sink);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(prefixed);
        }
    }
}
