using System.Text;
using System.Text.Json;
using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Routing.Cloud;
using LocalInference.Routing.Tests.Testing;

namespace LocalInference.Routing.Tests.Cloud;

public sealed class CloudRequestWriterTests
{
    [Fact]
    public void Write_OnlyAMessage_LeavesEverythingElseToTheCloud() =>
        Assert.Equal(
            """{"model":"deepseek-flash","messages":[{"role":"user","content":"Grüße, \"Welt\"\n<b>"}],"stream":true,"stream_options":{"include_usage":true}}""",
            Written(Requests.Chat(new ChatMessage { Role = "user", Content = "Grüße, \"Welt\"\n<b>" })));

    [Fact]
    public void Write_AWholeConversation_CarriesEveryPartOfIt()
    {
        ChatMessage[] messages =
        [
            new() { Role = "developer", Content = "Be short." },
            new() { Role = "user", Content = "Weather?", Name = "ada" },
            new() { Role = "assistant", Reasoning = "Ask the tool.", ToolCalls = [new ToolCall("call_1", "weather", "{\"city\": \"Bonn\"}")] },
            new() { Role = "tool", ToolCallId = "call_1", Content = "rain" },
        ];
        CompletionRequest request = Requests.Chat() with
        {
            Prompt = new Prompt.Chat { Messages = messages, Tools = [Requests.Json("""{"type":"function","function":{"name":"weather","x-own":[1.50]}}""")] },
            Sampling = new SamplingOptions { Temperature = 0.6, TopP = 0.95, TopK = 40, MinP = 0.1 },
            Stop = new StopConditions { MaxTokens = 100, Strings = ["END", "\n\n"], TokenIds = [7], IgnoreEndTokens = true },
        };
        Assert.Equal(
            """{"model":"deepseek-flash","messages":["""
            + """{"role":"system","content":"Be short."},"""
            + """{"role":"user","content":"Weather?","name":"ada"},"""
            + """{"role":"assistant","content":null,"reasoning_content":"Ask the tool.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Bonn\"}"}}]},"""
            + """{"role":"tool","content":"rain","tool_call_id":"call_1"}],"tools":[{"type":"function","function":{"name":"weather","x-own":[1.50]}}],"max_tokens":100,"temperature":0.6,"top_p":0.95,"stop":["END","\n\n"],"stream":true,"stream_options":{"include_usage":true}}""",
            Written(request));
    }

    [Fact]
    public void Write_AnyText_ComesBackUnchanged() =>
        Gen.String[Gen.Char['\0', '\uD7FF'], 0, 40].Sample(text =>
        {
            using JsonDocument body = JsonDocument.Parse(Written(Requests.Chat(new ChatMessage { Role = "user", Content = text })));
            Assert.Equal(text, body.RootElement.GetProperty("messages")[0].GetProperty("content").GetString());
        });

    private static string Written(CompletionRequest request) =>
        Encoding.UTF8.GetString(CloudRequestWriter.Write(Requests.Spillable(request), "deepseek-flash"));
}
