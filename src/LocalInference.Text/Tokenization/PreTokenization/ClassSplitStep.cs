using System.Numerics;

namespace LocalInference.Text.Tokenization.PreTokenization;

/// <summary>
/// Several Splits one after the other that isolate runs of a class (or white space before a line's end), as one step: DeepSeek-LLM has six
/// of them. One look at a piece tells which of the later ones could cut it at all; the others, most of them, are not run.
/// </summary>
internal sealed class ClassSplitStep : PreTokenizerStep
{
    // Bits of a character's mask: a Split each, and one for surrogates, of which nothing is known.
    private const int MaxSplits = 15;
    private const ushort Surrogate = 1 << MaxSplits;

    private readonly PieceMatcher[] _matchers;
    private readonly ushort[] _masks = new ushort[char.MaxValue + 1];
    private readonly uint _trailingSpaces;
    private readonly uint _limited;
    private readonly uint _blankPrefixes;
    private readonly uint _spacePrefixes;

    private ClassSplitStep(PieceMatcher[] matchers)
    {
        _matchers = matchers;
        for (int i = 0; i < matchers.Length; i++)
        {
            uint bit = 1u << i;
            var run = matchers[i] as ClassRunMatcher;
            CodePointSet set = run?.Set ?? CodePointSet.WhiteSpace;
            for (int c = 0; c < _masks.Length; c++)
                if (set.Contains((char)c))
                    _masks[c] |= (ushort)bit;
            if (run is null) _trailingSpaces |= bit;
            else if (run.MaxLength < int.MaxValue) _limited |= bit;
            if (run?.Prefix == RunPrefix.Space) _spacePrefixes |= bit;
            if (run?.Prefix is RunPrefix.Space or RunPrefix.Blank) _blankPrefixes |= bit;
        }

        _masks.AsSpan('\uD800', 0x800).Fill((ushort)(Surrogate | ((1 << matchers.Length) - 1)));
    }

    /// <summary>The same steps, neighbours that can be one step joined.</summary>
    public static List<PreTokenizerStep> Join(IReadOnlyList<PreTokenizerStep> steps)
    {
        var joined = new List<PreTokenizerStep>();
        for (int i = 0; i < steps.Count;)
        {
            PieceMatcher[] matchers =
                [.. steps.Skip(i).Take(MaxSplits).Select(MatcherOf).TakeWhile(matcher => matcher is not null).OfType<PieceMatcher>()];
            joined.Add(matchers.Length > 1 ? new ClassSplitStep(matchers) : steps[i]);
            i += Math.Max(1, matchers.Length);
        }

        return joined;
    }

    public override void Split(in Piece piece, PieceSink sink) => SplitFrom(0, piece, sink);

    private static PieceMatcher? MatcherOf(PreTokenizerStep step) =>
        step is MatcherSplitStep { Isolates: true, Matcher: ClassRunMatcher or TrailingSpaceMatcher } split ? split.Matcher : null;

    private void SplitFrom(int index, in Piece piece, PieceSink sink)
    {
        ReadOnlySpan<char> text = piece.Text;
        PieceMatcher matcher = _matchers[index];
        int covered = 0;
        while (covered < text.Length && matcher.TryFind(text, covered, out int start, out int end))
        {
            if (start > covered) PassOn(index + 1, piece.Slice(covered, start), sink);
            PassOn(index + 1, piece.Slice(start, end), sink);
            covered = end;
        }

        if (covered < text.Length) PassOn(index + 1, covered == 0 ? piece : piece.Slice(covered, text.Length), sink);
    }

    private void PassOn(int index, in Piece piece, PieceSink sink)
    {
        uint cutting = SplitsThatMayCut(piece.Text) & (uint.MaxValue << index);
        if (cutting == 0) Emit(piece, sink);
        else SplitFrom(BitOperations.TrailingZeroCount(cutting), piece, sink);
    }

    private uint SplitsThatMayCut(ReadOnlySpan<char> text)
    {
        uint first = _masks[text[0]];
        if (text.Length == 1) return first < Surrogate ? 0 : first ^ Surrogate;
        uint any = 0;
        uint all = ushort.MaxValue;
        foreach (char c in text[1..])
        {
            uint mask = _masks[c];
            any |= mask;
            all &= mask;
        }

        // White space that only begins a piece ends no line.
        uint found = any | (first & ~_trailingSpaces);
        if (found >= Surrogate) return found & ~(uint)Surrogate;
        uint prefixes = text[0] == ' ' ? _blankPrefixes : char.IsWhiteSpace(text[0]) ? _spacePrefixes : 0;
        uint whole = (first | prefixes) & all & ~_limited;
        return found & ~whole;
    }
}
