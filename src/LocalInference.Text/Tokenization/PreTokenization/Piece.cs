namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>A stretch of text on its way through the pre-tokeniser, that knows where it came from.</summary>
/// <param name="text">Its characters.</param>
/// <param name="offset">Where its first own character stands in the text that was pre-tokenised.</param>
/// <param name="added">How many characters at its front were put there by a step (a prefix space); they have no place of their own.</param>
internal readonly ref struct Piece(ReadOnlySpan<char> text, int offset, int added = 0)
{
    public ReadOnlySpan<char> Text { get; } = text;

    public int Offset { get; } = offset;

    public int Added { get; } = added;

    /// <summary>A part of this piece.</summary>
    public Piece Slice(int start, int end) => Added == 0
        ? new(Text[start..end], Offset + start)
        : new(Text[start..end], Offset + Math.Max(0, start - Added), Math.Clamp(Added - start, 0, end - start));

    /// <summary>Where the character at <paramref name="index"/> stands in the text that was pre-tokenised.</summary>
    public int PlaceOf(int index) => Offset + Math.Max(0, index - Added);
}

/// <summary>Takes the finished pieces, in order.</summary>
internal abstract class PieceSink
{
    /// <summary>Takes a piece of at least one character.</summary>
    public abstract void Take(in Piece piece);
}
