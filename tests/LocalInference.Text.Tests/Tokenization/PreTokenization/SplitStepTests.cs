using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tests.Tokenization.PreTokenization;

public sealed class SplitStepTests
{
    private const string Text = "the-final--countdown";

    public static TheoryData<string, string> Behaviors => new()
    {
        { "Isolated", "the|-|final|-|-|countdown" },
        { "Removed", "the|final|countdown" },
        { "MergedWithPrevious", "the-|final-|-|countdown" },
        { "MergedWithNext", "the|-final|-|-countdown" },
        { "Contiguous", "the|-|final|--|countdown" },
    };

    [Theory, MemberData(nameof(Behaviors))]
    public void Split_ByMatcher_DoesWhatTheBehaviorSays(string behavior, string expected) =>
        Assert.Equal(
            expected.Split('|'), Pieces.Of(Text, new MatcherSplitStep(new LiteralMatcher("-"), Enum.Parse<SplitBehavior>(behavior))));

    [Theory, MemberData(nameof(Behaviors))]
    public void Split_ByRegex_DoesWhatTheBehaviorSays(string behavior, string expected) =>
        Assert.Equal(
            expected.Split('|'),
            Pieces.Of(Text, new RegexSplitStep(SplitPattern.ToRegex("-"), Enum.Parse<SplitBehavior>(behavior), invert: false)));

    [Theory]
    [InlineData("Isolated", "the|-|final|-|-|countdown")]
    [InlineData("Removed", "-|-|-")]
    [InlineData("MergedWithPrevious", "the|-final|-|-countdown")]
    [InlineData("MergedWithNext", "the-|final-|-|countdown")]
    [InlineData("Contiguous", "the|-|final|--|countdown")]
    public void Split_Inverted_TakesTheTextBetweenMatchesForMatches(string behavior, string expected) =>
        Assert.Equal(
            expected.Split('|'),
            Pieces.Of(Text, new MatcherSplitStep(new LiteralMatcher("-"), Enum.Parse<SplitBehavior>(behavior), invert: true)));

    [Fact]
    public void Split_InSequence_SeesEachPieceAsAWholeText()
    {
        // The second step's look-ahead must not see beyond the first one's pieces.
        PreTokenizerStep first = SplitPattern.Step("[0-9]", SplitBehavior.Isolated, invert: false);
        PreTokenizerStep second = SplitPattern.Step(@"a(?!\d)", SplitBehavior.Isolated, invert: false);
        Assert.Equal(["b", "a", "1", "b", "a"], Pieces.Of("ba1ba", first, second));
    }

    [Fact]
    public void Split_EmptyMatches_CutWithoutMakingEmptyPieces() =>
        Assert.Equal(["ab", "Cd", "E"], Pieces.Of("abCdE", SplitPattern.Step("(?=[A-Z])", SplitBehavior.Isolated, invert: false)));

    [Fact]
    public void Split_Removed_KeepsThePlacesOfTheOthers() =>
        Assert.Equal(
            [("the", 0), ("final", 4), ("countdown", 11)],
            Pieces.Placed(Text, new MatcherSplitStep(new LiteralMatcher("-"), SplitBehavior.Removed)));

    [Fact]
    public void Split_DollarAndCaret_MeanLines()
    {
        Assert.Equal(["a", " ", "\nb", "  "], Pieces.Of("a \nb  ", SplitPattern.Step(@" +$", SplitBehavior.Isolated, invert: false)));
        Assert.Equal(["a", "b\n", "a", "b"], Pieces.Of("ab\nab", SplitPattern.Step("^a", SplitBehavior.Isolated, invert: false)));
    }

    [Theory]
    [InlineData(@"[\p{L}&&[^a]]+", "intersects")]
    [InlineData(@"[[:alpha:]]x", "nests")]
    [InlineData(@"a++", "Nested quantifier")]
    [InlineData("x[\U00010400-\U0001044F]+y", "Multilingual")]
    public void Step_PatternWithoutEqualInNet_IsRefused(string pattern, string reason)
    {
        var error = Assert.Throws<NotSupportedException>(() => SplitPattern.Step(pattern, SplitBehavior.Isolated, invert: false));
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void PrefixSpace_PutsOneBeforeEveryPieceThatLacksIt()
    {
        PreTokenizerStep split = SplitPattern.Step(",", SplitBehavior.Removed, invert: false);
        Assert.Equal([(" a", 0), (" b", 2), (" c", 5)], Pieces.Placed("a, b,c", split, new PrefixSpaceStep()));
    }

    [Fact]
    public void PrefixSpace_ThenGpt2_MeasuresPlacesWithoutIt() =>
        Assert.Equal(
            [(" Hello", 0), (" you", 5), ("'re", 9), ("!", 12)],
            Pieces.Placed("Hello you're!", new PrefixSpaceStep(), new MatcherSplitStep(new Gpt2Matcher())));
}
