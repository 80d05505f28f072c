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

    private static readonly TokenizerConfig Config = Naming("<bos>", "<eos>");

    private static TokenizerConfig Naming(string bos, string eos) =>
        new() { SpecialTokens = new Dictionary<string, string> { ["bos_token"] = bos, ["eos_token"] = eos } };

    private static SpecialTokens Check(int? bos, int[] eos, TokenizerConfig? config = null, int size = 300) =>
        SpecialTokenChecks.Check(new SpecialTokenClaims(bos, eos, size), new TokenizerFolder(Tokenizer, config ?? Config));

    private static string Refusal(int? bos, int[] eos, TokenizerConfig config) =>
        Assert.Throws<InvalidDataException>(() => Check(bos, eos, config)).Message;

    [Fact]
    public void Check_RightClaims_StayWithoutAWord()
    {
        SpecialTokens checkedTokens = Check(Bos, [Eos]);
        Assert.Equal(Bos, checkedTokens.BosId);
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
    }

    [Fact]
    public void Check_OnlyTheAssistantMarkerEnds_TakesTheConfigsEos() => Assert.Equal([Eos], Check(Bos, [Assistant]).EosIds);

    [Fact]
    public void Check_ConfigEndsWithTheAssistantMarker_DoesNotBelieveIt() =>
        Assert.Equal([Eos], Check(Bos, [Eos], Naming("<bos>", "<｜Assistant｜>")).EosIds);

    [Fact]
    public void Check_FurtherEnds_AreKept() => Assert.Equal([User, Eos], Check(Bos, [User, Eos]).EosIds);

    [Fact]
    public void Check_ConfigWithoutTokens_BelievesTheClaims()
    {
        SpecialTokens checkedTokens = Check(null, [Eos], TokenizerConfig.Empty);
        Assert.Null(checkedTokens.BosId);
        Assert.Empty(checkedTokens.Corrections);
    }

    [Fact]
    public void Check_NoEndAtAll_IsRefused() =>
        Assert.Contains("'eos_token_id' names no token", Refusal(Bos, [Assistant], TokenizerConfig.Empty));

    [Theory]
    [InlineData(Bos, 300, "'eos_token_id' names 300; allowed: ids from 0 to 299")]
    [InlineData(Bos, -1, "'eos_token_id' names -1")]
    [InlineData(999, Eos, "'bos_token_id' is 999; allowed: ids from 0 to 299")]
    public void Check_IdOutsideTheLogits_IsRefused(int bos, int eos, string expected) =>
        Assert.Contains(expected, Refusal(bos, [eos], TokenizerConfig.Empty));

    [Theory]
    [InlineData("<gone>", "<eos>", "'bos_token' is '<gone>', which tokenizer.json does not have")]
    [InlineData("<bos>", "<gone>", "'eos_token' is '<gone>', which tokenizer.json does not have")]
    public void Check_ConfigNamesAnUnknownToken_IsRefused(string bos, string eos, string expected) =>
        Assert.Contains(expected, Refusal(Bos, [Eos], Naming(bos, eos)));
}
