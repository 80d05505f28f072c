using LocalInference.Testing;
using LocalInference.Text.Tokenization;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tests.Tokenization;

public sealed class TokenizerFolderTests
{
    [Fact]
    public void Load_TinyR1_KnowsItsTokens()
    {
        TokenizerFolder folder = TokenizerFolder.Load(Repository.TinyR1);
        Assert.NotNull(folder.Bpe);
        Assert.Equal((2035, 2032, true), (folder.BosId, folder.EosId, folder.AddsBos));
    }

    [Theory, MemberData(nameof(ReferenceTokenizers.All), MemberType = typeof(ReferenceTokenizers))]
    public void Load_Published_KnowsItsTokens(string name)
    {
        TokenizerFolder folder = TokenizerFolder.Load(ReferenceTokenizers.FolderOf(name));
        Assert.True(folder.AddsBos);
        Assert.NotEqual(folder.BosId, folder.EosId);
        Assert.Equal(folder.Config.EosToken, folder.Bpe!.Decode([folder.EosId!.Value], skipSpecial: false));
    }

    [Fact]
    public void Config_TokensAsObjects_AreRead()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer_config.json"), """
            {"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": null, "add_bos_token": false,
             "added_tokens_decoder": {"5": {"content": "<s>", "special": true}}}
            """);
        TokenizerConfig config = TokenizerConfig.Load(folder.Path);
        Assert.Equal(("<s>", null, false), (config.BosToken, config.EosToken, config.AddsBos));
        Assert.Equal(5, config.AddedTokens["<s>"]);
    }

    [Fact]
    public void Config_WrongType_NamesFileKeyFoundAndAllowed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"add_bos_token": "yes"}""");
        string message = Assert.Throws<InvalidDataException>(() => TokenizerConfig.Load(folder.Path)).Message;
        Assert.EndsWith("tokenizer_config.json: 'add_bos_token' is \"yes\"; allowed: true or false.", message);
    }

    [Fact]
    public void Load_Tiktoken_ComesFromTheLibrary()
    {
        using var folder = new TemporaryFolder();
        string[] tokens = ["a", "b", "ab", " "];
        File.WriteAllLines(
            folder.File("model.tiktoken"),
            tokens.Select((token, id) => $"{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(token))} {id}"));
        File.WriteAllText(
            folder.File("tokenizer_config.json"), """{"eos_token": "<|end|>", "added_tokens_decoder": {"9": {"content": "<|end|>"}}}""");
        TokenizerFolder loaded = TokenizerFolder.Load(folder.Path);
        Assert.IsType<TiktokenTokenizer>(loaded.Tokenizer);
        Assert.Equal([2, 0, 9], loaded.Tokenizer.EncodeToIds("aba<|end|>"));
        Assert.Equal(9, loaded.EosId);
    }

    [Fact]
    public void Load_BrokenSentencePiece_GoesToTheLibrary()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.model"), "no model");
        Assert.ThrowsAny<Exception>(() => TokenizerFolder.Load(folder.Path));
    }

    [Fact]
    public void Load_NothingKnown_NamesWhatIsAllowed()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            "tokenizer.model (SentencePiece)", Assert.Throws<FileNotFoundException>(() => TokenizerFolder.Load(folder.Path)).Message);
    }
}
