using LocalInference.Chat;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using Microsoft.Extensions.AI;

namespace LocalInference.Tests.Chat;

public sealed class ChatUpdatesTests
{
    private static List<ChatResponseUpdate> All(params CompletionChunk[] chunks)
    {
        ChatUpdates updates = new("id", "folder", DateTimeOffset.UnixEpoch);
        return [.. chunks.Select(updates.Next).OfType<ChatResponseUpdate>()];
    }

    [Fact]
    public void Next_ReasoningThenContent_KeepsThemApartAndReportsUsage()
    {
        ChatResponse response = All(
            new CompletionChunk.Started("model"), new CompletionChunk.Reasoning("so"), new CompletionChunk.Content("yes"),
            new CompletionChunk.Finished(FinishReason.Stop, new Usage(5, 3, 1, 2))).ToChatResponse();
        Assert.Equal("yes", response.Text);
        Assert.Equal("so", Assert.Single(response.Messages[0].Contents.OfType<TextReasoningContent>()).Text);
        Assert.Equal(("model", ChatFinishReason.Stop), (response.ModelId, response.FinishReason));
        Assert.Equal((5, 3, 1, 2), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.CachedInputTokenCount, response.Usage.ReasoningTokenCount));
    }

    [Fact]
    public void Next_TwoToolCallsInPieces_GivesEachWhole()
    {
        FunctionCallContent[] calls = [.. All(
            new CompletionChunk.Started("model"),
            new CompletionChunk.ToolCallStarted(0, "call_a", "add"), new CompletionChunk.ToolCallArguments(0, """{"x":"""), new CompletionChunk.ToolCallArguments(0, "1}"),
            new CompletionChunk.ToolCallStarted(1, "call_b", "stop"), new CompletionChunk.ToolCallArguments(1, "{broken"),
            new CompletionChunk.Finished(FinishReason.ToolCalls, new Usage(1, 1))).SelectMany(u => u.Contents).OfType<FunctionCallContent>()];
        Assert.Equal(["call_a", "call_b"], calls.Select(c => c.CallId));
        Assert.Equal("1", calls[0].Arguments!["x"]!.ToString());
        Assert.NotNull(calls[1].Exception);
    }

    [Fact]
    public void Next_AFailure_ThrowsWithIt()
    {
        InferenceFailure full = new(InferenceError.QueueFull, "full", RetryAfter: TimeSpan.FromSeconds(2));
        Assert.Same(full, Assert.Throws<InferenceException>(() => All(new CompletionChunk.Failed(full))).Failure);
    }
}
