using System.Text.Json;
using LocalInference.Text.Tokenization.PreTokenization;

namespace LocalInference.Text.Tests.Tokenization.PreTokenization;

public sealed class ClassSplitStepTests
{
    private const int Seed = 17;

    private static List<PreTokenizerStep> Steps(params string[] patterns) =>
        [.. patterns.Select(pattern => SplitPattern.Step(pattern, SplitBehavior.Isolated, invert: false))];

    public static TheoryData<string[]> Sequences =>
    [
        // DeepSeek-LLM's shape, whose signs hold letters and whose ideographs hold signs.
        new[] { "[\r\n]", @"\s?[A-Za-zµÀ-Öﬀ-ﬆ𐐀-𐑏]+", @"\s?[!-/:-~！-／：-～‘-‟　-。]+", @"\s+$", "[一-龥ࠀ-一가-퟿]+", @"\p{N}" },
        new[] { "[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", @"\p{N}" },
        new[] { @"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+" },
        new[] { @" ?[a-f]+", @"[^\s\p{L}]+", @"\p{L}{1,2}", @"\s+$", @"\s+" },
        new[] { "[\u3000 ]", @"\s+$", "\\s?[\u3000a-z]+" },
    ];

    [Theory, MemberData(nameof(Sequences))]
    public void Split_RandomTexts_AgreesWithOneStepAfterTheOther(string[] patterns)
    {
        PreTokenizerStep joined = Assert.Single(ClassSplitStep.Join(Steps(patterns)));
        Assert.IsType<ClassSplitStep>(joined);
        PreTokenizerStep[] apart = [.. Steps(patterns)];
        var texts = new RandomTexts(Seed);
        for (int i = 0; i < 5000; i++)
        {
            string text = texts.Next(30);
            List<(string, int)> expected = Pieces.Placed(text, apart);
            Assert.True(expected.SequenceEqual(Pieces.Placed(text, joined)), $"seed {Seed}, text {i} {JsonSerializer.Serialize(text)}");
        }
    }

    [Theory, MemberData(nameof(Sequences))]
    public void Split_LoneSurrogates_AgreesWithOneStepAfterTheOther(string[] patterns)
    {
        PreTokenizerStep joined = Assert.Single(ClassSplitStep.Join(Steps(patterns)));
        foreach (string text in (string[])["\uD83D", "a\uD83D ", " \uDC00b", "的\uD83D的", "\uDC00\uD83D1"])
            Assert.Equal(Pieces.Of(text, [.. Steps(patterns)]), Pieces.Of(text, joined));
    }

    [Fact]
    public void Join_StepsThatAreNoClasses_StandAlone()
    {
        List<PreTokenizerStep> steps = Steps(@"\p{N}", @"\s+$", SplitPattern.DeepSeek3, "[a-c]", "a|b");
        steps.Insert(3, new PrefixSpaceStep());
        List<PreTokenizerStep> joined = ClassSplitStep.Join(steps);
        Assert.Equal(
            [typeof(ClassSplitStep), typeof(MatcherSplitStep), typeof(PrefixSpaceStep), typeof(MatcherSplitStep), typeof(RegexSplitStep)],
            joined.Select(step => step.GetType()));
    }

    [Fact]
    public void Join_OtherBehaviors_StandAlone()
    {
        PreTokenizerStep[] steps =
            [SplitPattern.Step("[a-c]", SplitBehavior.Removed, invert: false), SplitPattern.Step("[b-d]", SplitBehavior.Contiguous, invert: false)];
        Assert.Equal(steps, ClassSplitStep.Join(steps));
    }

    [Fact]
    public void Join_Nothing_IsNothing() => Assert.Empty(ClassSplitStep.Join([]));
}
