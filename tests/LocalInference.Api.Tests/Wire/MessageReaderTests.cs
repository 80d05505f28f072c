using System.Text.Json;
using LocalInference.Api.Errors;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Tests.Wire;

public sealed class MessageReaderTests
{
    [Theory]
    [InlineData("system")]
    [InlineData("developer")]
    [InlineData("user")]
    [InlineData("assistant")]
    public void Role_Known_IsTaken(string role)
    {
        ChatMessage message = Read($$"""{"role":"{{role}}","content":"text","name":"Ann"}""");

        Assert.Equal((role, "text", "Ann"), (message.Role, message.Content, message.Name));
    }

    [Fact]
    public void Tool_WithItsCall_IsTaken()
    {
        ChatMessage message = Read("""{"role":"tool","tool_call_id":"call_1","content":"12 °C"}""");

        Assert.Equal(("tool", "call_1", "12 °C"), (message.Role, message.ToolCallId, message.Content));
    }

    [Fact]
    public void Content_Parts_AreJoinedByANewline() =>
        Assert.Equal("a\nb", Read("""{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""").Content);

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"And\"")]
    public void Assistant_WithToolCalls_MayHaveNoContent(string content)
    {
        ChatMessage message = Read($$$"""{"role":"assistant","content":{{{content}}},"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1"}}]}""");

        Assert.Equal(JsonElement.Parse(content).GetString(), message.Content);
        Assert.Equal(new ToolCall("call_1", "f", "{\"a\": 1"), Assert.Single(message.ToolCalls));
    }

    [Theory]
    [InlineData(""" "reasoning":"why" """)]
    [InlineData(""" "reasoning_content":"why" """)]
    [InlineData(""" "reasoning":"why","reasoning_content":"why" """)]
    public void Assistant_ReasoningUnderEitherName_IsTaken(string fields) =>
        Assert.Equal("why", Read($$"""{"role":"assistant","content":"x",{{fields}}}""").Reasoning);

    [Fact]
    public void Assistant_NothingButReasoning_AsThisServerAnswers_IsTakenBack()
    {
        ChatMessage message = Read("""{"role":"assistant","content":null,"refusal":null,"reasoning":"why","reasoning_content":"why"}""");

        Assert.Equal(("", "why"), (message.Content, message.Reasoning));
    }

    [Theory]
    [InlineData("7", "messages[0]")]
    [InlineData("{}", "messages[0].role")]
    [InlineData("""{"role":"function","content":"x"}""", "messages[0].role")]
    [InlineData("""{"role":5,"content":"x"}""", "messages[0].role")]
    [InlineData("""{"role":"user"}""", "messages[0].content")]
    [InlineData("""{"role":"user","content":null}""", "messages[0].content")]
    [InlineData("""{"role":"user","content":5}""", "messages[0].content")]
    [InlineData("""{"role":"user","content":[]}""", "messages[0].content")]
    [InlineData("""{"role":"user","content":["x"]}""", "messages[0].content[0]")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{}}]}""", "messages[0].content[1].type")]
    [InlineData("""{"role":"user","content":[{"type":"text"}]}""", "messages[0].content[0].text")]
    [InlineData("""{"role":"user","content":"x","name":5}""", "messages[0].name")]
    [InlineData("""{"role":"assistant","content":null}""", "messages[0].content")]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":[]}""", "messages[0].content")]
    [InlineData("""{"role":"assistant","content":"x","reasoning":5}""", "messages[0].reasoning")]
    [InlineData("""{"role":"assistant","content":"x","reasoning":"a","reasoning_content":"b"}""", "messages[0].reasoning")]
    [InlineData("""{"role":"assistant","content":"x","tool_calls":{}}""", "messages[0].tool_calls")]
    [InlineData("""{"role":"assistant","content":"x","tool_calls":[5]}""", "messages[0].tool_calls[0]")]
    [InlineData("""{"role":"assistant","content":"x","tool_calls":[{"id":"c"}]}""", "messages[0].tool_calls[0].function")]
    [InlineData("""{"role":"assistant","content":"x","tool_calls":[{"function":{"name":"f","arguments":""}}]}""", "messages[0].tool_calls[0].id")]
    [InlineData("""{"role":"assistant","content":"x","tool_calls":[{"id":"c","type":"custom","function":{"name":"f","arguments":""}}]}""", "messages[0].tool_calls[0].type")]
    [InlineData("""{"role":"assistant","content":"x","tool_calls":[{"id":"c","function":{"name":"f","arguments":{}}}]}""", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"role":"assistant","content":"x","tool_calls":[{"id":"c","function":{"arguments":""}}]}""", "messages[0].tool_calls[0].function.name")]
    [InlineData("""{"role":"tool","content":"x"}""", "messages[0].tool_call_id")]
    [InlineData("""{"role":"user","content":"x","audio":{}}""", "messages[0].audio")]
    [InlineData("""{"role":"assistant","content":"x","prefix":true}""", "messages[0].prefix")]
    public void Message_NotAllowed_IsAFaultThatNamesThePlace(string message, string parameter)
    {
        Findings findings = new();
        ReadAll(message, findings);

        ApiError error = findings.ToError();
        Assert.Equal(parameter, error.Parameter);
        Assert.Contains("found", error.Message);
    }

    private static ChatMessage Read(string message)
    {
        Findings findings = new();
        IReadOnlyList<ChatMessage> messages = ReadAll(message, findings);
        Assert.False(findings.HasFaults);
        Assert.Empty(findings.Ignored);
        return Assert.Single(messages);
    }

    private static IReadOnlyList<ChatMessage> ReadAll(string message, Findings findings) =>
        MessageReader.Read(new Fields(JsonElement.Parse($$"""{"messages":[{{message}}]}"""), "", findings), 10, findings);
}
