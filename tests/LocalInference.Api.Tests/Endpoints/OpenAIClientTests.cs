using System.ClientModel;
using System.ClientModel.Primitives;
using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace LocalInference.Api.Tests.Endpoints;

/// <summary>The official client, over a real loopback connection.</summary>
public sealed class OpenAIClientTests
{
    private const string Key = "sk-test";

    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("weather", "The weather.", BinaryData.FromString("""{"type":"object"}"""));

    [Fact]
    public async Task Complete_Whole_TextUsageAndReason()
    {
        ScriptedRouter router = ScriptedRouter.Answering(Chunks.Plain);
        await using TestApp app = await StartAsync(router);

        ChatCompletion answer = await Chat(app).CompleteChatAsync(
            [new SystemChatMessage("Be brief."), new UserChatMessage("Hi")],
            new ChatCompletionOptions { Temperature = 0.5f, MaxOutputTokenCount = 20, StopSequences = { "END" } },
            TestContext.Current.CancellationToken);

        Assert.Equal("Hello 世界 😀", Assert.Single(answer.Content).Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Equal((7, 5, 12), (answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount));
        Assert.Equal((4, 2), (answer.Usage.InputTokenDetails.CachedTokenCount, answer.Usage.OutputTokenDetails.ReasoningTokenCount));
        Assert.Equal("tiny", answer.Model);
        Assert.Equal(TestApp.Now, answer.CreatedAt);
        Assert.Equal([("system", "Be brief."), ("user", "Hi")], router.Chat.Messages.Select(message => (message.Role, message.Content!)));
        Assert.Equal(20, router.Single.Stop.MaxTokens);
        Assert.Equal(["END"], router.Single.Stop.Strings);
    }

    [Fact]
    public async Task Complete_Streamed_SameTextUsageAndReason()
    {
        await using TestApp app = await StartAsync(ScriptedRouter.Answering(Chunks.Plain));
        List<StreamingChatCompletionUpdate> updates = await StreamAsync(app, []);

        Assert.Equal("Hello 世界 😀", string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)));
        Assert.Equal(ChatMessageRole.Assistant, updates[0].Role);
        Assert.Equal(ChatFinishReason.Stop, Assert.Single(updates, update => update.FinishReason is not null).FinishReason);
        ChatTokenUsage usage = Assert.Single(updates, update => update.Usage is not null).Usage;
        Assert.Equal((7, 5, 4, 2), (usage.InputTokenCount, usage.OutputTokenCount, usage.InputTokenDetails.CachedTokenCount, usage.OutputTokenDetails.ReasoningTokenCount));
    }

    [Fact]
    public async Task Tools_Whole_CallIsReadAndItsResultSentBack()
    {
        ScriptedRouter router = ScriptedRouter.Answering(Chunks.Calling);
        await using TestApp app = await StartAsync(router);

        ChatCompletion answer = await Chat(app).CompleteChatAsync(
            [new UserChatMessage("Weather?")], new ChatCompletionOptions { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateAutoChoice() }, TestContext.Current.CancellationToken);

        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
        Assert.Equal([("call_a", "weather", """{"city":"Oslo"}"""), ("call_b", "time", "{}")], answer.ToolCalls.Select(call => (call.Id, call.FunctionName, call.FunctionArguments.ToString())));
        Assert.Equal("weather", router.Chat.Tools[0].GetProperty("function").GetProperty("name").GetString());

        router.Requests.Clear();
        await Chat(app).CompleteChatAsync(
            [new UserChatMessage("Weather?"), new AssistantChatMessage(answer), new ToolChatMessage("call_a", "12 °C"), new ToolChatMessage("call_b", "noon")],
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["user", "assistant", "tool", "tool"], router.Chat.Messages.Select(message => message.Role));
        Assert.Equal([new ToolCall("call_a", "weather", """{"city":"Oslo"}"""), new ToolCall("call_b", "time", "{}")], router.Chat.Messages[1].ToolCalls);
        Assert.Equal(("call_a", "12 °C"), (router.Chat.Messages[2].ToolCallId, router.Chat.Messages[2].Content));
    }

    [Fact]
    public async Task Tools_Streamed_CallsAreAssembled()
    {
        await using TestApp app = await StartAsync(ScriptedRouter.Answering(Chunks.Calling));
        List<StreamingChatCompletionUpdate> updates = await StreamAsync(app, [Weather]);

        ILookup<int, StreamingChatToolCallUpdate> calls = updates.SelectMany(update => update.ToolCallUpdates).ToLookup(call => call.Index);
        Assert.Equal(["weather", "time"], calls.Select(parts => string.Concat(parts.Select(part => part.FunctionName))));
        Assert.Equal(["""{"city":"Oslo"}""", "{}"], calls.Select(parts => string.Concat(parts.Select(part => part.FunctionArgumentsUpdate.ToString()))));
        Assert.Equal(ChatFinishReason.ToolCalls, Assert.Single(updates, update => update.FinishReason is not null).FinishReason);
    }

    [Fact]
    public async Task Error_Refusal_IsAnExceptionWithStatusAndMessage()
    {
        await using TestApp app = await StartAsync(ScriptedRouter.Refusing(InferenceError.QueueFull, TimeSpan.FromSeconds(1)));

        ClientResultException e = await Assert.ThrowsAsync<ClientResultException>(
            () => Chat(app).CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(429, e.Status);
        Assert.Contains("Refused by the script.", e.Message);
    }

    [Fact]
    public async Task Models_Listed_AreRead()
    {
        await using TestApp app = await StartAsync(ScriptedRouter.Answering(Chunks.Plain));
        OpenAIModelClient client = new(new ApiKeyCredential(Key), Options(app));

        OpenAIModelCollection models = await client.GetModelsAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("tiny", "local"), (models[0].Id, models[0].OwnedBy));
    }

    private static Task<TestApp> StartAsync(ScriptedRouter router) => TestApp.StartOnLoopbackAsync(router, new ApiOptions { Key = [Key] });

    private static ChatClient Chat(TestApp app) => new("tiny", new ApiKeyCredential(Key), Options(app));

    // No retries: a refusal has to show.
    private static OpenAIClientOptions Options(TestApp app) =>
        new() { Endpoint = new Uri(app.Client.BaseAddress!, "v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) };

    private static async Task<List<StreamingChatCompletionUpdate>> StreamAsync(TestApp app, ChatTool[] tools)
    {
        ChatCompletionOptions options = new();
        foreach (ChatTool tool in tools) options.Tools.Add(tool);
        List<StreamingChatCompletionUpdate> updates = [];
        await foreach (StreamingChatCompletionUpdate update in Chat(app).CompleteChatStreamingAsync([new UserChatMessage("Hi")], options, TestContext.Current.CancellationToken))
            updates.Add(update);
        return updates;
    }
}
