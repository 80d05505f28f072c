using LocalInference.Bench.Step;

namespace LocalInference.Bench.Tests.Step;

public sealed class StepCaseTests
{
    [Theory]
    [InlineData("prefill:512", 1, 512, 0, false)]
    [InlineData("prefill:1@2000", 1, 1, 2000, true)]
    [InlineData("prefill:65536@0", 1, 65536, 0, false)]
    [InlineData("decode:1", 1, 1, 128, true)]
    [InlineData("decode:4@0", 4, 1, 0, true)]
    [InlineData("decode:8@1000", 8, 1, 1000, false)]
    public void TryParse_ACase_SaysWhatTheStepHolds(string text, int sequences, int newTokens, int past, bool isReadingBound)
    {
        Assert.True(StepCase.TryParse(text, out StepCase? found, out _));
        Assert.Equal(new StepCase(text, sequences, newTokens, past), found);
        Assert.Equal(isReadingBound, found.IsReadingBound);
        Assert.Equal(sequences * newTokens, found.Tokens);
    }

    [Theory]
    [InlineData("")]
    [InlineData("prefill")]
    [InlineData("prefill:")]
    [InlineData("prefill:0")]
    [InlineData("prefill:65537")]
    [InlineData("decode:4097")]
    [InlineData("decode:8@")]
    [InlineData("decode:8@1@2")]
    [InlineData("decode:8:1")]
    [InlineData("decode:-1")]
    [InlineData("Decode:1")]
    [InlineData("verify:1")]
    public void TryParse_NoCase_NamesItAndWhatIsAllowed(string text)
    {
        Assert.False(StepCase.TryParse(text, out _, out string? fault));
        Assert.StartsWith($"the case '{text}' is none; write prefill:TOKENS[@PAST] (1 to 65536 tokens) or decode:SEQUENCES[@CONTEXT] (1 to 4096 sequences)", fault);
    }

    [Fact]
    public void ToString_OfCases_IsWhatWasParsed() =>
        Assert.Equal("prefill:512,decode:8@1000", StepCases.Parse("prefill:512,decode:8@1000").ToString());
}
