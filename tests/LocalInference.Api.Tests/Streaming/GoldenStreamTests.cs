using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Api.Tests.Streaming;

/// <summary>Every byte of a stream.</summary>
public sealed class GoldenStreamTests
{
    private static readonly string Head =
        """data: {"id":"chatcmpl-00000000000000000000000000000000","object":"chat.completion.chunk","created":1764000000,"model":"tiny","system_fingerprint":"fp_3b821181a6a0" """.TrimEnd(); // the literal cannot end in a quote

    [Fact]
    public async Task Stream_Plain_HasTheseBytes()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));

        string stream = await app.PostTextAsync("""{"model":"tiny","messages":[{"role":"user","content":"Hi"}],"stream":true}""");

        AssertFrames(stream,
            Head + ""","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{"content":" 世界 \uD83D\uDE00"},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            "data: [DONE]");
    }

    [Fact]
    public async Task Stream_ReasoningWithUsage_HasTheseBytes()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Reasoned));

        string stream = await app.PostTextAsync(
            """{"messages":[{"role":"user","content":"2+2?"}],"stream":true,"stream_options":{"include_usage":true}}""");

        AssertFrames(stream,
            Head + ""","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}""",
            Head + ""","choices":[{"index":0,"delta":{"reasoning":"Two and ","reasoning_content":"Two and "},"finish_reason":null}],"usage":null}""",
            Head + ""","choices":[{"index":0,"delta":{"reasoning":"two.","reasoning_content":"two."},"finish_reason":null}],"usage":null}""",
            Head + ""","choices":[{"index":0,"delta":{"content":"4"},"finish_reason":null}],"usage":null}""",
            Head + ""","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}""",
            Head + ""","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}""",
            "data: [DONE]");
    }

    [Fact]
    public async Task Stream_ToolCalls_HasTheseBytes()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Calling));

        string stream = await app.PostTextAsync("""{"messages":[{"role":"user","content":"Hi"}],"stream":true}""");

        AssertFrames(stream,
            Head + ""","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"time","arguments":""}}]},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
            "data: [DONE]");
    }

    [Fact]
    public async Task Stream_FailureAfterStart_EndsWithErrorFrameAndNoDone()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(
            new CompletionChunk.Started("tiny"), new CompletionChunk.Content("Hel"),
            new CompletionChunk.Failed(new InferenceFailure(InferenceError.EngineFailed, "A step failed twice."))));

        string stream = await app.PostTextAsync("""{"messages":[{"role":"user","content":"Hi"}],"stream":true}""");

        AssertFrames(stream,
            Head + ""","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""",
            Head + ""","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}""",
            """data: {"error":{"message":"A step failed twice.","type":"server_error","param":null,"code":"engine_failed"}}""");
    }

    [Fact]
    public async Task Whole_Plain_HasTheseBytes()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));

        string body = await app.PostTextAsync("""{"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal(
            """{"id":"chatcmpl-00000000000000000000000000000000","object":"chat.completion","created":1764000000,"model":"tiny","system_fingerprint":"fp_3b821181a6a0","choices":[{"index":0,"message":{"role":"assistant","content":"Hello 世界 \uD83D\uDE00","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}""",
            body);
    }

    [Fact]
    public async Task Whole_ReasoningAndToolCalls_HasTheseBytes()
    {
        CompletionChunk[] answer = [new CompletionChunk.Started("tiny"), new CompletionChunk.Reasoning("Ask."), .. Chunks.Calling[1..]];
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(answer));

        string body = await app.PostTextAsync("""{"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Contains(
            ""","message":{"role":"assistant","content":null,"refusal":null,"reasoning":"Ask.","reasoning_content":"Ask.","tool_calls":[{"id":"call_a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"call_b","type":"function","function":{"name":"time","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}""",
            body);
    }

    private static void AssertFrames(string stream, params string[] frames) =>
        Assert.Equal(string.Concat(frames.Select(frame => frame + "\n\n")), stream);
}
