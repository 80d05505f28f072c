namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>
/// One pre-tokeniser of a sequence. It cuts a piece into smaller ones and passes each on to the next step at once, so that a text of any
/// length needs no list of pieces. A step sees each piece as if it were the whole text, as in Hugging Face.
/// </summary>
/// <remarks>Stateless between calls; safe for concurrent use.</remarks>
internal abstract class PreTokenizerStep
{
    /// <summary>Who takes the pieces; null for the sink. Set once, when the sequence is built.</summary>
    public PreTokenizerStep? Next { get; private set; }

    /// <summary>Cuts a piece of at least one character.</summary>
    public abstract void Split(in Piece piece, PieceSink sink);

    /// <summary>Chains steps.</summary>
    /// <returns>The first; null for none.</returns>
    public static PreTokenizerStep? Chain(IReadOnlyList<PreTokenizerStep> steps)
    {
        for (int i = 0; i + 1 < steps.Count; i++) steps[i].Next = steps[i + 1];
        return steps.Count > 0 ? steps[0] : null;
    }

    /// <summary>Passes a piece on.</summary>
    protected void Emit(in Piece piece, PieceSink sink)
    {
        if (piece.Text.IsEmpty) return;
        if (Next is null) sink.Take(piece);
        else Next.Split(piece, sink);
    }
}
