using System.Text;
using CsCheck;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Cloud;
using LocalInference.Routing.Tests.Testing;

namespace LocalInference.Routing.Tests.Cloud;

public sealed class CloudAnswerTests
{
    [Fact]
    public void Read_ReasoningThenContent_GivesBothInOrderWithUsage()
    {
        var (parts, fault) = Read(
            Frames.Role, Frames.Delta("""{"reasoning_content":"Hm, "}"""), Frames.Delta("""{"content":null,"reasoning_content":"so."}"""),
            Frames.Content("Yes"), Frames.Content("!"), Frames.Finish("stop"), Frames.Done);
        Assert.Null(fault);
        Assert.Equal(
            [
                new CompletionChunk.Started("deepseek-v4-flash"),
                new CompletionChunk.Reasoning("Hm, "),
                new CompletionChunk.Reasoning("so."),
                new CompletionChunk.Content("Yes"),
                new CompletionChunk.Content("!"),
                new CompletionChunk.Finished(FinishReason.Stop, new Usage(11, 4, CachedTokens: 8, ReasoningTokens: 2)),
            ],
            parts);
    }

    [Fact]
    public void Read_VllmsNameOfReasoning_IsReasoningOnce()
    {
        var (parts, _) = Read(Frames.Delta("""{"reasoning_content":"Hm","reasoning":"Hm"}"""), Frames.Delta("""{"reasoning":"!"}"""), Frames.Finish("length"), Frames.Done);
        Assert.Equal(["Hm", "!"], parts.OfType<CompletionChunk.Reasoning>().Select(r => r.Text));
    }

    [Fact]
    public void Read_ToolCallsInPieces_GivesStartsAndArguments()
    {
        var (parts, fault) = Read(
            Frames.Delta("""{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_0","type":"function","function":{"name":"weather","arguments":""}}]}"""),
            Frames.Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}"""),
            Frames.Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"\"Bonn\"}"}},{"index":1,"id":"call_1","function":{"name":"time","arguments":"{}"}}]}"""),
            Frames.Finish("tool_calls"), Frames.Done);
        Assert.Null(fault);
        Assert.Equal(
            [
                new CompletionChunk.Started("deepseek-v4-flash"),
                new CompletionChunk.ToolCallStarted(0, "call_0", "weather"),
                new CompletionChunk.ToolCallArguments(0, "{\"city\":"),
                new CompletionChunk.ToolCallArguments(0, "\"Bonn\"}"),
                new CompletionChunk.ToolCallStarted(1, "call_1", "time"),
                new CompletionChunk.ToolCallArguments(1, "{}"),
            ],
            parts.SkipLast(1));
        Assert.Equal(FinishReason.ToolCalls, Assert.IsType<CompletionChunk.Finished>(parts[^1]).Reason);
    }

    [Theory]
    [InlineData("""{"tool_calls":[{"index":1,"id":"c","function":{"name":"f","arguments":""}}]}""", "index 1 where 0 to 0")]
    [InlineData("""{"tool_calls":[{"id":"c","function":{"name":"f","arguments":""}}]}""", "index null")]
    [InlineData("""{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}""", "begins without an id or a name")]
    public void Read_AToolCallThatIsNone_FailsAndNamesIt(string delta, string expected)
    {
        var (parts, fault) = Read(Frames.Delta(delta));
        Assert.Contains(expected, fault?.Cause, StringComparison.Ordinal);
        Assert.Empty(parts);
    }

    [Fact]
    public void Read_ReasoningAfterContent_Fails()
    {
        var (parts, fault) = Read(Frames.Content("Yes"), Frames.Delta("""{"reasoning_content":"Hm"}"""));
        Assert.Equal(InferenceError.CloudUnreachable, fault?.Failure.Error);
        Assert.Equal(2, parts.Count);
    }

    [Theory]
    [InlineData("stop", FinishReason.Stop)]
    [InlineData("length", FinishReason.Length)]
    [InlineData("tool_calls", FinishReason.ToolCalls)]
    [InlineData("content_filter", FinishReason.ContentFilter)]
    public void Read_FinishReason_IsOurs(string wire, FinishReason expected)
    {
        var (parts, _) = Read(Frames.Finish(wire), Frames.Done);
        Assert.Equal(expected, Assert.IsType<CompletionChunk.Finished>(parts[^1]).Reason);
    }

    [Fact]
    public void Read_InsufficientResourcesBeforeAnyPart_FailsWithoutAStart()
    {
        var (parts, fault) = Read(Frames.Role, Frames.Finish("insufficient_system_resource"));
        Assert.Empty(parts);
        Assert.Contains("insufficient_system_resource", fault?.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain("insufficient", fault?.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_InsufficientResourcesWithTheLastPart_GivesThePartAndFails()
    {
        var (parts, fault) = Read(Frames.Delta("""{"content":"Ye"}""", "\"insufficient_system_resource\""));
        Assert.Equal([new CompletionChunk.Started("deepseek-v4-flash"), new CompletionChunk.Content("Ye")], parts);
        Assert.NotNull(fault);
    }

    [Fact]
    public void Read_DoneWithoutAFinishReason_Fails()
    {
        var (parts, fault) = Read(Frames.Content("Yes"), Frames.Done);
        Assert.Equal("[DONE] came without a finish reason", fault?.Cause);
        Assert.DoesNotContain(parts, p => p is CompletionChunk.Finished);
    }

    [Fact]
    public void Read_AnEmptyAnswer_StartsAndFinishes()
    {
        var (parts, _) = Read(Frames.Role, Frames.Finish("stop"), Frames.Done);
        Assert.Equal([typeof(CompletionChunk.Started), typeof(CompletionChunk.Finished)], parts.Select(p => p.GetType()));
    }

    [Theory]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":5}}""", 9, 3, 5, 0)]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":null,"completion_tokens_details":null}""", 9, 3, 0, 0)]
    public void Read_UsageInItsOwnFrame_IsTaken(string usage, int prompt, int completion, int cached, int reasoning)
    {
        var (parts, _) = Read(
            Frames.Content("Yes"), Frames.Delta("""{}""", "\"stop\""), $$"""data: {"model":"m","choices":[],"usage":{{usage}}}""", Frames.Done);
        Assert.Equal(new Usage(prompt, completion, cached, reasoning), Assert.IsType<CompletionChunk.Finished>(parts[^1]).Usage);
    }

    [Fact]
    public void Read_NoModelNamed_TheAskedOneAnswered()
    {
        var (parts, _) = Read("""data: {"choices":[{"delta":{"content":"Yes"}}]}""");
        Assert.Equal(new CompletionChunk.Started("asked"), parts[0]);
    }

    [Fact]
    public void Read_AnyFrames_KeepTheOrderThatChunksPromise()
    {
        string[] kinds =
        [
            Frames.Role, Frames.Content("a"), Frames.Content(""), Frames.Delta("""{"reasoning_content":"r"}"""), Frames.Finish("stop"), Frames.Done,
            Frames.Delta("""{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]}"""), Frames.Finish("unheard_of"),
        ];
        Gen.Int[0, kinds.Length - 1].Select(i => kinds[i]).Array[0, 8].Sample(frames =>
        {
            var (parts, _) = Read(frames);
            Assert.True(parts.Count == 0 || parts[0] is CompletionChunk.Started);
            Assert.True(parts.Count(p => p is CompletionChunk.Started) <= 1);
            Assert.DoesNotContain(parts.SkipLast(1), p => p is CompletionChunk.Finished or CompletionChunk.Failed);
            int lastReasoning = parts.FindLastIndex(p => p is CompletionChunk.Reasoning);
            int firstContent = parts.FindIndex(p => p is CompletionChunk.Content);
            Assert.True(firstContent < 0 || lastReasoning < firstContent);
        });
    }

    // Reads as the backend does: to the first fault or to the end.
    private static (List<CompletionChunk> Parts, CloudFault? Fault) Read(params string[] frames)
    {
        CloudAnswer answer = new("asked");
        List<CompletionChunk> parts = [];
        foreach (string frame in frames)
        {
            if (answer.HasEnded) break;
            if (answer.Read(CloudEvent.Parse(Encoding.UTF8.GetBytes(frame["data: ".Length..])), parts) is { } fault) return (parts, fault);
        }
        return (parts, null);
    }
}
