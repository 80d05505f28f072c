using System.Text.Json;
using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tests.Tokenization.PreTokenization;

public sealed class PieceMatcherTests
{
    // Outside the BMP .NET's regular expressions need stand-ins; both ways must agree there too.
    public static TheoryData<string> Patterns =>
    [
        SplitPattern.Qwen2, SplitPattern.Llama3, SplitPattern.Gpt2, SplitPattern.DeepSeek3, @"\s+$", "[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+",
        @"\p{N}{1,3}", @"\p{N}", "[一-龥ࠀ-一가-퟿]+", @"\s?[!-/:-~！-／：-～‘-‟　-。]+", @" ?[\p{P}\p{S}]+", @"[^\s\p{L}]+",
    ];

    [Theory, MemberData(nameof(Patterns))]
    public void TryFind_RandomTexts_AgreesWithTheRegularExpression(string pattern)
    {
        const int seed = 7;
        var matcher = new MatcherSplitStep(Assert.IsAssignableFrom<PieceMatcher>(SplitPattern.Matcher(pattern)));
        var regex = new RegexSplitStep(SplitPattern.ToRegex(pattern), SplitBehavior.Isolated, invert: false);
        var texts = new RandomTexts(seed);
        for (int i = 0; i < 3000; i++)
        {
            string text = texts.Next(40);
            string[] byHand = Pieces.Of(text, matcher);
            string[] byRegex = Pieces.Of(text, regex);
            Assert.True(byHand.SequenceEqual(byRegex), $"seed {seed}, text {i} {JsonSerializer.Serialize(text)}: {JsonSerializer.Serialize(byHand)} / {JsonSerializer.Serialize(byRegex)}");
        }
    }

    [Fact]
    public void TryFind_LoneSurrogate_CountsAsTheReplacementCharacter()
    {
        string[] expected = Pieces.Of("a \uFFFDb\uFFFD ", new MatcherSplitStep(new GptMatcher(1)));
        string[] found = Pieces.Of("a \uD83Db\uDC00 ", new MatcherSplitStep(new GptMatcher(1)));
        Assert.Equal(expected, found.Select(piece => piece.Replace('\uD83D', '\uFFFD').Replace('\uDC00', '\uFFFD')));
    }

    [Fact]
    public void TryRead_ListedAstralLetters_AreFound()
    {
        ClassRunMatcher matcher = ClassPattern.TryRead("\\s?[a-z\U00010400-\U0001044F]+")!;
        Assert.Equal(["1", " a\U00010401", "\U00010450", "b"], Pieces.Of("1 a\U00010401\U00010450b", new MatcherSplitStep(matcher)));
    }

    [Theory]
    [InlineData(@"\w+")]
    [InlineData("a|b")]
    [InlineData("[a-z&&[^b]]+")]
    [InlineData("[abc")]
    [InlineData("[z-a]")]
    [InlineData("[a]{0,2}")]
    [InlineData(@"[\d]+")]
    public void TryRead_OtherForms_AreLeftToRegularExpressions(string pattern) => Assert.Null(ClassPattern.TryRead(pattern));

    [Theory]
    [InlineData("[a-c]", "x|a|b|x|c")]
    [InlineData(@"[^a-c]+", "x|ab|x|c")]
    [InlineData(@"[\-\]x]{1,2}", "x|ab|x|c")]
    public void TryRead_Class_ReadsRangesNegationAndEscapes(string pattern, string expected) =>
        Assert.Equal(expected.Split('|'), Pieces.Of("xabxc", new MatcherSplitStep(ClassPattern.TryRead(pattern)!)));
}
