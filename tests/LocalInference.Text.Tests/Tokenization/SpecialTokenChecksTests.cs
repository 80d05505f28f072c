using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

public sealed class SpecialTokenChecksTests
{
    private const int User = 200;
    private const int Assistant = 201;
    private const int Bos = 202;
    private const int Eos = 203;

    private static readonly ByteLevelBpeTokenizer Tokenizer = TinyTokenizer.Ascii()
        .Adding("<｜User｜>", User).Adding("<｜Assistant｜>", Assistant).Adding("<bos>", Bos, "special").Adding("<eos>", Eos, "special").Load();

    private static readonly TokenizerConfig Config = new() { BosToken = "<bos>", EosToken = "<eos>" };

    private static SpecialTokens Check(int? bos, int[] eos, TokenizerConfig? config = null, int size = 300) =>
        SpecialTokenChecks.Check(new SpecialTokenClaims(bos, eos, size), Tokenizer, config ?? Config);

    [Fact]
    public void Check_RightClaims_StayWithoutAWord()
    {
        SpecialTokens checkedTokens = Check(Bos, [Eos]);
        Assert.Equal((Bos, null), (checkedTokens.BosId, checkedTokens.Refusal));
        Assert.Equal([Eos], checkedTokens.EosIds);
        Assert.Empty(checkedTokens.Corrections);
    }

    [Fact]
    public void Check_TheDistillsPublishedConfig_IsCorrected()
    {
        // onnx-community's R1-Distill-Qwen: the EOS as BOS, and the assistant's marker among the ends.
        SpecialTokens checkedTokens = Check(Eos, [Assistant, Eos]);
        Assert.Equal(Bos, checkedTokens.BosId);
        Assert.Equal([Eos], checkedTokens.EosIds);
        Assert.Equal(2, checkedTokens.Corrections.Count);
        Assert.Contains("'bos_token_id' is 203, but tokenizer_config.json's bos_token '<bos>' is 202", checkedTokens.Corrections[0]);
        Assert.Contains("'eos_token_id' names 201, which is '<｜Assistant｜>'", checkedTokens.Corrections[1]);
        Assert.Null(checkedTokens.Refusal);
    }

    [Fact]
    public void Check_OnlyTheAssistantMarkerEnds_TakesTheConfigsEos() => Assert.Equal([Eos], Check(Bos, [Assistant]).EosIds);

    [Fact]
    public void Check_FurtherEnds_AreKept() => Assert.Equal([User, Eos], Check(Bos, [User, Eos]).EosIds);

    [Fact]
    public void Check_ConfigWithoutTokens_BelievesTheClaims()
    {
        SpecialTokens checkedTokens = Check(null, [Eos], TokenizerConfig.Empty);
        Assert.Equal((null, null), (checkedTokens.BosId, checkedTokens.Refusal));
        Assert.Empty(checkedTokens.Corrections);
    }

    [Fact]
    public void Check_NoEndAtAll_IsRefused() => Assert.Contains("'eos_token_id' names no token", Check(Bos, [Assistant], new TokenizerConfig()).Refusal);

    [Theory]
    [InlineData(Bos, 300, "'eos_token_id' names 300; allowed: ids from 0 to 299")]
    [InlineData(Bos, -1, "'eos_token_id' names -1")]
    [InlineData(999, Eos, "'bos_token_id' is 999; allowed: ids from 0 to 299")]
    public void Check_IdOutsideTheLogits_IsRefused(int bos, int eos, string expected) =>
        Assert.Contains(expected, Check(bos, [eos], TokenizerConfig.Empty).Refusal);

    [Fact]
    public void Check_ConfigNamesAnUnknownToken_IsRefused() =>
        Assert.Contains("'bos_token' is '<gone>', which tokenizer.json does not have", Check(Bos, [Eos], new TokenizerConfig { BosToken = "<gone>" }).Refusal);
}
