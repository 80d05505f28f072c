namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>The Split pre-tokeniser: decides what becomes of matches and of the text between them.</summary>
internal abstract class SplitStep(SplitBehavior behavior, bool invert) : PreTokenizerStep
{
    /// <summary>A stretch that may still grow.</summary>
    protected ref struct Pending
    {
        public int Start;
        public int End;
        public bool IsMatch;
        public bool Exists;
    }

    /// <summary>Takes the next stretch; stretches cover the piece without gaps, a match may be empty.</summary>
    protected void Add(ref Pending pending, in Piece piece, int start, int end, bool isMatch, PieceSink sink)
    {
        isMatch ^= invert;
        if (behavior == SplitBehavior.Isolated || (behavior == SplitBehavior.Removed && !isMatch))
        {
            Emit(piece.Slice(start, end), sink);
        }
        else if (behavior != SplitBehavior.Removed)
        {
            bool joins = pending.Exists && behavior switch
            {
                SplitBehavior.Contiguous => isMatch == pending.IsMatch,
                SplitBehavior.MergedWithPrevious => isMatch && !pending.IsMatch,
                _ => !isMatch && pending.IsMatch,
            };
            if (!joins) Flush(pending, piece, sink);
            pending = new Pending { Start = joins ? pending.Start : start, End = end, IsMatch = isMatch, Exists = true };
        }
    }

    /// <summary>Passes on what may no longer grow.</summary>
    protected void Flush(in Pending pending, in Piece piece, PieceSink sink)
    {
        if (pending.Exists) Emit(piece.Slice(pending.Start, pending.End), sink);
    }
}

/// <summary>A Split whose pattern has a matcher of its own.</summary>
internal sealed class MatcherSplitStep(PieceMatcher matcher, SplitBehavior behavior = SplitBehavior.Isolated, bool invert = false)
    : SplitStep(behavior, invert)
{
    /// <summary>What finds the matches.</summary>
    public PieceMatcher Matcher => matcher;

    /// <summary>Whether matches and the text between them are pieces alike.</summary>
    public bool Isolates { get; } = behavior == SplitBehavior.Isolated;

    public override void Split(in Piece piece, PieceSink sink)
    {
        if (Isolates) SplitIsolated(piece, sink);
        else SplitAny(piece, sink);
    }

    private void SplitIsolated(in Piece piece, PieceSink sink)
    {
        ReadOnlySpan<char> text = piece.Text;
        int covered = 0;
        while (covered < text.Length && matcher.TryFind(text, covered, out int start, out int end))
        {
            if (start > covered) Emit(piece.Slice(covered, start), sink);
            Emit(piece.Slice(start, end), sink);
            covered = end;
        }

        if (covered < text.Length) Emit(piece.Slice(covered, text.Length), sink);
    }

    private void SplitAny(in Piece piece, PieceSink sink)
    {
        Pending pending = default;
        int covered = 0;
        while (covered < piece.Text.Length && matcher.TryFind(piece.Text, covered, out int start, out int end))
        {
            if (start > covered) Add(ref pending, piece, covered, start, isMatch: false, sink);
            Add(ref pending, piece, start, end, isMatch: true, sink);
            covered = end;
        }

        if (covered < piece.Text.Length) Add(ref pending, piece, covered, piece.Text.Length, isMatch: false, sink);
        Flush(pending, piece, sink);
    }
}
