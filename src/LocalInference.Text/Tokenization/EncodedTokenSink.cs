using System.Text;
using LocalInference.Text.Tokenization.Merging;
using LocalInference.Text.Tokenization.PreTokenization;
using LocalInference.Text.Tokenization.Vocabularies;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tokenization;

/// <summary>
/// Collects tokens with their spelling and their place in the normalised text. A token that is a part of a character has that character's
/// place, so neighbours may overlap.
/// </summary>
internal sealed class EncodedTokenSink(PieceEncoder encoder, Vocabulary vocabulary) : EncodingSink
{
    private readonly TokenBuffer _ids = new();
    private readonly StringBuilder _text = new();
    private int _start;

    /// <summary>What was found.</summary>
    public List<EncodedToken> Tokens { get; } = [];

    /// <summary>The text that the places refer to.</summary>
    public string NormalizedText => _text.ToString();

    public override void TakeAdded(int id, ReadOnlySpan<char> text)
    {
        Tokens.Add(new EncodedToken(id, text.ToString(), new Range(_text.Length, _text.Length + text.Length)));
        _text.Append(text);
    }

    public override void BeginText(ReadOnlySpan<char> text)
    {
        _start = _text.Length;
        _text.Append(text);
    }

    public override void Take(in Piece piece)
    {
        _ids.Clear();
        Encode(piece.Text, encoder, _ids);
        int spelled = 0;
        foreach (int id in _ids.Ids) spelled += vocabulary.Texts[id].Length;
        // Unknown or byte tokens do not spell what they stand for: then all that is known is the piece.
        if (spelled == Encoding.UTF8.GetByteCount(piece.Text)) AddPlaced(piece);
        else foreach (int id in _ids.Ids) Add(id, piece, 0, piece.Text.Length);
    }

    private void AddPlaced(in Piece piece)
    {
        (int index, int indexBytes, int bytes) = (0, 0, 0);
        foreach (int id in _ids.Ids)
        {
            while (indexBytes + WidthAt(piece.Text, index, out int chars) is var next && next <= bytes)
                (index, indexBytes) = (index + chars, next);
            int start = index;
            bytes += vocabulary.Texts[id].Length;
            (int end, int endBytes) = (index, indexBytes);
            while (endBytes < bytes)
            {
                endBytes += WidthAt(piece.Text, end, out int chars);
                end += chars;
            }

            Add(id, piece, start, end);
        }
    }

    private void Add(int id, in Piece piece, int start, int end) =>
        Tokens.Add(new EncodedToken(id, vocabulary.SpellingOf(id), new Range(_start + piece.PlaceOf(start), _start + piece.PlaceOf(end))));

    // UTF-8 bytes of the code point at `index`.
    private static int WidthAt(ReadOnlySpan<char> text, int index, out int chars)
    {
        chars = index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
        return chars == 2 ? 4 : text[index] < 0x80 ? 1 : text[index] < 0x800 ? 2 : 3;
    }
}
