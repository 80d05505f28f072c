using System.Buffers;
using System.Text.RegularExpressions;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>
/// A Split whose pattern has no matcher of its own. .NET's regular expressions see UTF-16 units, so a text with characters outside the BMP
/// is matched on a copy where each of them is one stand-in of the same category (<see cref="StandIns"/>).
/// </summary>
internal sealed class RegexSplitStep(Regex regex, SplitBehavior behavior, bool invert) : SplitStep(behavior, invert)
{
    public override void Split(in Piece piece, PieceSink sink)
    {
        if (piece.Text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            Split(piece, piece.Text, default, sink);
            return;
        }

        char[] characters = ArrayPool<char>.Shared.Rent(piece.Text.Length);
        int[] places = ArrayPool<int>.Shared.Rent(piece.Text.Length + 1);
        try
        {
            int count = StandIns.Write(piece.Text, characters, places);
            Split(piece, characters.AsSpan(0, count), places, sink);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
            ArrayPool<int>.Shared.Return(places);
        }
    }

    private void Split(in Piece piece, ReadOnlySpan<char> text, ReadOnlySpan<int> places, PieceSink sink)
    {
        Pending pending = default;
        int covered = 0;
        foreach (ValueMatch match in regex.EnumerateMatches(text))
        {
            // Oniguruma gives no empty match right behind a match.
            if (match.Length == 0 && match.Index == covered && covered > 0) continue;
            if (match.Index > covered) AddAt(ref pending, piece, places, covered, match.Index, false, sink);
            covered = match.Index + match.Length;
            AddAt(ref pending, piece, places, match.Index, covered, true, sink);
        }

        if (covered < text.Length) AddAt(ref pending, piece, places, covered, text.Length, false, sink);
        Flush(pending, piece, sink);
    }

    private void AddAt(ref Pending pending, in Piece piece, ReadOnlySpan<int> places, int start, int end, bool isMatch, PieceSink sink)
    {
        if (!places.IsEmpty) (start, end) = (places[start], places[end]);
        Add(ref pending, piece, start, end, isMatch, sink);
    }
}
