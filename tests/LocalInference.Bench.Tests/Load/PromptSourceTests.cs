using LocalInference.Bench.Load;

namespace LocalInference.Bench.Tests.Load;

public sealed class PromptSourceTests
{
    [Fact]
    public void OfTokens_Calibrated_MeetsTheAim()
    {
        PromptSource prompts = new(seed: 1);
        prompts.Calibrate((16, 7 + (16 * 3)), (100, 7 + (100 * 3)));
        Assert.Equal((7, 3), (prompts.TemplateTokens, prompts.TokensPerWord));
        Assert.Equal(41, prompts.OfTokens(130, 0, 0).Split(' ').Length);
    }

    [Fact]
    public void OfTokens_LessThanTheTemplate_IsStillAWord()
    {
        PromptSource prompts = new(seed: 1);
        prompts.Calibrate((16, 100), (32, 116));
        Assert.DoesNotContain(' ', prompts.OfTokens(1, 0, 0));
    }

    [Fact]
    public void OfWords_EveryLevelAndIndex_IsAnotherPromptFromTheBeginningOn()
    {
        PromptSource prompts = new(seed: 1);
        string[] all =
            [.. from level in Enumerable.Range(-1, 4) from index in Enumerable.Range(0, 200) select prompts.OfWords(8, level, index)];
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void OfWords_TheSameSeed_IsTheSamePrompt()
    {
        Assert.Equal(new PromptSource(5).OfWords(20, 1, 2), new PromptSource(5).OfWords(20, 1, 2));
        Assert.NotEqual(new PromptSource(5).OfWords(20, 1, 2), new PromptSource(6).OfWords(20, 1, 2));
    }
}
