using LocalInference.Testing;
using LocalInference.Text.Chat;

namespace LocalInference.Text.Tests.Chat;

public sealed class ChatTemplateSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chat-template-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_TinyR1_TakesItsFileAndTokens()
    {
        ChatTemplateSource source = Prompts.SourceOf(Repository.TinyR1);
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.TinyR1, "chat_template.jinja")), source.Default);
        Assert.Null(source.ForTools);
        Assert.Equal("<｜begin▁of▁sentence｜>", source.SpecialTokens["bos_token"]);
        Assert.Equal("<｜end▁of▁sentence｜>", source.SpecialTokens["eos_token"]);
    }

    [Theory]
    [InlineData("""{"chat_template": "T"}""", "T", null)]
    [InlineData("""{"chat_template": [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "U"}]}""", "D", "U")]
    [InlineData("""{"chat_template": [{"name": "only", "template": "O"}]}""", "O", null)]
    public void Load_FromConfiguration_TakesTheRightTemplate(string configuration, string expected, string? forTools)
    {
        Write("tokenizer_config.json", configuration);
        ChatTemplateSource source = Prompts.SourceOf(_folder);
        Assert.Equal((expected, forTools), (source.Default, source.ForTools));
    }

    [Fact]
    public void Load_BothPlaces_PrefersTheFileAndReadsTokensOfEitherForm()
    {
        Write(
            "tokenizer_config.json",
            """{"chat_template": "no", "bos_token": {"content": "<b>", "lstrip": false}, "eos_token": "<e>", "pad_token": null}""");
        Write("chat_template.jinja", "yes");
        ChatTemplateSource source = Prompts.SourceOf(_folder);
        Assert.Equal("yes", source.Default);
        Assert.Equal(["bos_token=<b>", "eos_token=<e>"], source.SpecialTokens.Select(token => $"{token.Key}={token.Value}"));
    }

    [Theory]
    [InlineData(null, "neither chat_template.jinja nor chat_template of tokenizer_config.json is there")]
    [InlineData("{}", "neither chat_template.jinja nor chat_template of tokenizer_config.json is there")]
    [InlineData("""{"chat_template": null}""", "neither chat_template.jinja nor chat_template of tokenizer_config.json is there")]
    [InlineData("""{"chat_template": 5}""", "must be a text or a list")]
    [InlineData("""{"chat_template": [{"name": "a", "template": ""}, {"name": "b", "template": ""}]}""", "(a, b)")]
    [InlineData("{", "no valid JSON")]
    public void Load_WithoutATemplate_SaysWhereItLooked(string? configuration, string words)
    {
        if (configuration is not null)
            Write("tokenizer_config.json", configuration);
        Assert.Contains(words, Assert.Throws<InvalidDataException>(() => Prompts.SourceOf(_folder)).Message, StringComparison.Ordinal);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
