using System.Text.Json;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Tests.Wire;

public sealed class LineValidatorTests
{
    private static CompletionRequest Valid(string line)
    {
        Assert.True(LineValidator.TryValidate(JsonSerializer.Deserialize<JsonElement>(line), "line-1", out CompletionRequest? request, out string? faults), faults);
        return request;
    }

    private static string Faults(string line)
    {
        Assert.False(LineValidator.TryValidate(JsonSerializer.Deserialize<JsonElement>(line), "line-1", out CompletionRequest? request, out string? faults));
        Assert.Null(request);
        return faults;
    }

    [Fact]
    public void TryValidate_IdsAlone_IsGreedyStaysHereAndAsksForTokens()
    {
        CompletionRequest request = Valid("""{"ids":[1,2.0,3]}""");
        Assert.Equal([1, 2, 3], Assert.IsType<Prompt.Tokens>(request.Prompt).Ids.ToArray());
        Assert.Equal(0, request.Sampling.Temperature);
        Assert.Null(request.Stop.MaxTokens);
        Assert.Equal((OutputForm.Tokens, DataClass.LocalOnly), (request.Output, request.DataClass));
    }

    [Fact]
    public void TryValidate_EveryField_Arrives()
    {
        CompletionRequest request = Valid(
            """{"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"function","function":{"name":"f"}}],"chat_template_kwargs":{"enable_thinking":false},"max_tokens":7,"ignore_eos":true,"temperature":0.5,"top_p":0.9,"top_k":4,"min_p":0.1,"seed":-3}""");
        Prompt.Chat chat = Assert.IsType<Prompt.Chat>(request.Prompt);
        Assert.Equal("Hi", chat.Messages.Single().Content);
        Assert.Single(chat.Tools);
        Assert.False(chat.TemplateArguments["enable_thinking"].GetBoolean());
        Assert.Equal(new SamplingOptions { Temperature = 0.5, TopP = 0.9, TopK = 4, MinP = 0.1, Seed = -3 }, request.Sampling);
        Assert.Equal((7, true), (request.Stop.MaxTokens, request.Stop.IgnoreEndTokens));
    }

    [Theory]
    [InlineData("{}", "ids")]
    [InlineData("""{"ids":[1],"messages":[{"role":"user","content":"x"}]}""", "both")]
    [InlineData("""{"ids":[]}""", "ids")]
    [InlineData("""{"ids":[-1]}""", "ids")]
    [InlineData("""{"ids":["1"]}""", "ids")]
    [InlineData("""{"ids":[1],"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"ids":[1],"ignore_eos":"yes"}""", "ignore_eos")]
    [InlineData("""{"ids":[1],"temperature":3}""", "temperature")]
    [InlineData("""{"ids":[1],"top_p":0}""", "top_p")]
    [InlineData("""{"ids":[1],"stream":true}""", "stream")]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""", "role")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"chat_template_kwargs":{"messages":[]}}""", "chat_template_kwargs.messages")]
    public void TryValidate_AFault_IsNamed(string line, string named) => Assert.Contains(named, Faults(line));

    [Fact]
    public void TryValidate_SeveralFaults_AllAreTold()
    {
        string faults = Faults("""{"ids":[1],"temperature":-1,"top_k":1.5,"colour":"red"}""");
        foreach (string name in (string[])["temperature", "top_k", "colour"]) Assert.Contains(name, faults);
    }

    [Fact]
    public void TryValidate_SeveralWrongIds_EachIsNamedAtItsPlace()
    {
        string faults = Faults("""{"ids":[7,"a",8,-2]}""");
        Assert.Contains("ids[1]: found \"a\"", faults);
        Assert.Contains("ids[3]: found -2", faults);
    }
}
