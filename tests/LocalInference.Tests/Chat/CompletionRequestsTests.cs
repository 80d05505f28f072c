using LocalInference.Chat;
using LocalInference.Core.Completions;
using Microsoft.Extensions.AI;
using AIChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace LocalInference.Tests.Chat;

public sealed class CompletionRequestsTests
{
    private static readonly AIChatMessage[] Hello = [new(ChatRole.User, "Hello")];

    [Fact]
    public void From_OptionsThatAreSupported_AllArrive()
    {
        CompletionRequest request = CompletionRequests.From(Hello, new ChatOptions
        {
            Instructions = "Be brief.", Temperature = 0.5f, TopP = 0.5f, TopK = 7, Seed = 3, MaxOutputTokens = 12, StopSequences = ["END"],
            Tools = [AIFunctionFactory.Create((string city) => city, "weather", "Tells the weather.")],
        }, "id");
        Prompt.Chat chat = Assert.IsType<Prompt.Chat>(request.Prompt);
        Assert.Equal(["system", "user"], chat.Messages.Select(m => m.Role));
        Assert.Equal("weather", chat.Tools.Single().GetProperty("function").GetProperty("name").GetString());
        Assert.Equal(
            (0.5, 0.5, 7, 3L), (request.Sampling.Temperature, request.Sampling.TopP, request.Sampling.TopK, request.Sampling.Seed));
        Assert.Equal(12, request.Stop.MaxTokens);
        Assert.Equal(["END"], request.Stop.Strings);
    }

    [Fact]
    public void From_AToolConversation_KeepsCallsAndResultsAsTurns()
    {
        CompletionRequest request = CompletionRequests.From(
        [
            .. Hello,
            new(ChatRole.Assistant, [new TextReasoningContent("hm"), new FunctionCallContent("call_1", "weather", new Dictionary<string, object?> { ["city"] = "Rome" })]),
            new(ChatRole.Tool, [new FunctionResultContent("call_1", "sunny")]),
        ], null, "id");
        IReadOnlyList<Core.Completions.ChatMessage> turns = Assert.IsType<Prompt.Chat>(request.Prompt).Messages;
        Assert.Equal(["user", "assistant", "tool"], turns.Select(t => t.Role));
        Assert.Null(turns[1].Content);
        Assert.Equal("hm", turns[1].Reasoning);
        Assert.Equal(new ToolCall("call_1", "weather", """{"city":"Rome"}"""), turns[1].ToolCalls.Single());
        Assert.Equal(("call_1", "sunny"), (turns[2].ToolCallId, turns[2].Content));
    }

    public static TheoryData<string, ChatOptions> Unsupported => new()
    {
        { nameof(ChatOptions.FrequencyPenalty), new ChatOptions { FrequencyPenalty = 1 } },
        { nameof(ChatOptions.PresencePenalty), new ChatOptions { PresencePenalty = 1 } },
        { nameof(ChatOptions.ResponseFormat), new ChatOptions { ResponseFormat = ChatResponseFormat.Json } },
        { nameof(ChatOptions.ToolMode), new ChatOptions { ToolMode = ChatToolMode.RequireAny } },
        { nameof(ChatOptions.ConversationId), new ChatOptions { ConversationId = "c" } },
        { nameof(ChatOptions.AllowMultipleToolCalls), new ChatOptions { AllowMultipleToolCalls = false } },
        { nameof(ChatOptions.AdditionalProperties), new ChatOptions { AdditionalProperties = new() { ["x"] = 1 } } },
    };

    [Theory]
    [MemberData(nameof(Unsupported), DisableDiscoveryEnumeration = true)]
    public void From_AnOptionThatWouldBeIgnored_IsRefusedByName(string name, ChatOptions options) =>
        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => CompletionRequests.From(Hello, options, "id")).Message);

    [Fact]
    public void From_ValuesOutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CompletionRequests.From(Hello, new ChatOptions { Temperature = 2.5f }, "id"));
        Assert.Throws<ArgumentOutOfRangeException>(() => CompletionRequests.From(Hello, new ChatOptions { TopP = 0 }, "id"));
        Assert.Throws<ArgumentOutOfRangeException>(() => CompletionRequests.From(Hello, new ChatOptions { MaxOutputTokens = 0 }, "id"));
        Assert.Throws<ArgumentException>(() => CompletionRequests.From([], null, "id"));
        Assert.Throws<ArgumentException>(() => CompletionRequests.From(Hello, new ChatOptions { StopSequences = ["end", ""] }, "id"));
    }

    [Fact]
    public void From_AnImage_IsRefused() => Assert.Throws<NotSupportedException>(() =>
        CompletionRequests.From([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], null, "id"));
}
