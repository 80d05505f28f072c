using LocalInference.Api.Streaming;
using LocalInference.Api.Tests.Testing;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using static LocalInference.Core.Completions.CompletionChunk;

namespace LocalInference.Api.Tests.Streaming;

public sealed class WholeAnswerTests
{
    private static readonly AnswerHead Head = new("chatcmpl-1", DateTimeOffset.UnixEpoch, "tiny", null);

    [Fact]
    public async Task Collect_Text_IsJoined()
    {
        CompleteAnswer answer = (await CollectAsync(Chunks.Reasoned)).Answer!;

        Assert.Equal(("4", "Two and two."), (answer.Content, answer.Reasoning));
        Assert.Equal((FinishReason.Stop, Chunks.Usage), (answer.Reason, answer.Usage));
        Assert.Empty(answer.ToolCalls);
        Assert.Same(Head, answer.Head);
    }

    [Fact]
    public async Task Collect_CutWithinTheReasoning_HasNoContent()
    {
        CompleteAnswer answer = (await CollectAsync([new Started("tiny"), new Reasoning("Hm"), new Finished(FinishReason.Length, Chunks.Usage)])).Answer!;

        Assert.Equal((null, "Hm", FinishReason.Length), (answer.Content, answer.Reasoning, answer.Reason));
    }

    [Fact]
    public async Task Collect_ToolCallsWithInterleavedArguments_GoToTheirCalls()
    {
        CompleteAnswer answer = (await CollectAsync(
        [
            new Started("tiny"),
            new ToolCallStarted(0, "a", "f"), new ToolCallStarted(1, "b", "g"),
            new ToolCallArguments(1, "[1"), new ToolCallArguments(0, "{"), new ToolCallArguments(1, "]"), new ToolCallArguments(0, "}"),
            new Finished(FinishReason.ToolCalls, Chunks.Usage),
        ])).Answer!;

        Assert.Equal([new ToolCall("a", "f", "{}"), new ToolCall("b", "g", "[1]")], answer.ToolCalls);
        Assert.Null(answer.Content);
    }

    [Fact]
    public async Task Collect_Failure_WinsOverWhatCameBefore()
    {
        InferenceFailure failure = new(InferenceError.EngineFailed, "A step failed.");

        (CompleteAnswer? answer, InferenceFailure? found) = await CollectAsync([new Started("tiny"), new Content("Hel"), new Failed(failure)]);

        Assert.Null(answer);
        Assert.Same(failure, found);
    }

    [Fact]
    public async Task Collect_NoEnd_IsABugSaidInFull()
    {
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => CollectAsync([new Started("tiny"), new Content("Hel")]));

        Assert.Equal("The answer ended without a Finished or Failed chunk.", e.Message);
    }

    [Fact]
    public async Task Collect_RawTokens_AreABugSaidInFull()
    {
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => CollectAsync([new Started("tiny"), new Tokens(new[] { 1 }, "x")]));

        Assert.Contains("Parsed output was asked for", e.Message);
    }

    private static async Task<(CompleteAnswer? Answer, InferenceFailure? Failure)> CollectAsync(CompletionChunk[] chunks)
    {
        await using IAsyncEnumerator<CompletionChunk> source =
            ScriptedRouter.Play(chunks, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await source.MoveNextAsync();
        return await new WholeAnswer(Head).CollectAsync(source);
    }
}
