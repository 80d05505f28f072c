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

    /// <summary>Whether matches and the text between them change places.</summary>
    protected bool Inverts => invert;

    /// <summary>Takes the next stretch; stretches cover the piece without gaps, a match may be empty.</summary>
    protected void Add(ref Pending pending, in Piece piece, int start, int end, bool isMatch, PieceSink sink)
    {
        isMatch ^= Inverts;
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
    private readonly bool _isolates = behavior == SplitBehavior.Isolated;
    private PreTokenizerStep? _nextOfMatches;

    // Matches of the class, whatever the behaviour, are one piece where nothing in them matches here.
    public override bool Keeps(CodePointSet set) => !Inverts && matcher.FindsNothingIn(set);

    public override void Split(in Piece piece, PieceSink sink)
    {
        if (_isolates) SplitIsolated(piece, sink);
        else SplitAny(piece, sink);
    }

    // What a class of characters was matched by need not go through steps that keep it: most words of DeepSeek-LLM's seven steps.
    protected override void OnChained()
    {
        _nextOfMatches = Next;
        if (matcher is not ClassRunMatcher run) return;
        while (_nextOfMatches is not null && _nextOfMatches.Keeps(run.Set)) _nextOfMatches = _nextOfMatches.Next;
    }

    private void SplitIsolated(in Piece piece, PieceSink sink)
    {
        ReadOnlySpan<char> text = piece.Text;
        int covered = 0;
        while (covered < text.Length && matcher.TryFind(text, covered, out int start, out int end))
        {
            if (start > covered) Emit(piece.Slice(covered, start), Next, sink);
            // A prefix that is white space other than a blank may mean something to a later step.
            Emit(piece.Slice(start, end), text[start] is ' ' || !char.IsWhiteSpace(text[start]) ? _nextOfMatches : Next, sink);
            covered = end;
        }

        if (covered < text.Length) Emit(covered == 0 ? piece : piece.Slice(covered, text.Length), Next, sink);
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
