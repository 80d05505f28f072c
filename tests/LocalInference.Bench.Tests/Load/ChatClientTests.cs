using System.Diagnostics;
using LocalInference.Bench.Load;
using LocalInference.Bench.Tests.Testing;

namespace LocalInference.Bench.Tests.Load;

public sealed class ChatClientTests
{
    private static readonly ChatRequest Request = new("fake", [new ChatTurn("user", "hello")], 3);

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    public async Task FirstModelAsync_WithOrWithoutV1_FindsTheServer(string path)
    {
        await using FakeServer server = await FakeServer.StartAsync();
        using ChatClient client = new(new Uri(server.Url, path), apiKey: null);
        Assert.Equal("fake", await client.FirstModelAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task FirstModelAsync_AnotherServer_SaysWhatToDo()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        using ChatClient client = new(new Uri(server.Url, "/other"), apiKey: null);
        BenchException thrown =
            await Assert.ThrowsAsync<BenchException>(() => client.FirstModelAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Check --url", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskAsync_WithAKey_SendsIt()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        using ChatClient client = new(server.Url, "sk-1");
        await client.AskAsync(Request, TestContext.Current.CancellationToken);
        Assert.Equal(["Bearer sk-1"], server.Keys);
    }

    [Fact]
    public async Task AskAsync_HeldBetweenTokens_MeasuresAtLeastTheHold()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        TimeSpan hold = TimeSpan.FromMilliseconds(30);
        server.Instead = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            for (int i = 0; i < 3; i++)
            {
                await Task.Delay(hold);
                await FakeServer.SendAsync(context, """{"choices":[{"delta":{"reasoning_content":"x"},"finish_reason":null}]}""");
            }
            await FakeServer.SendAsync(context, """{"choices":[{"delta":{},"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":3}}""");
            await FakeServer.SendAsync(context, "[DONE]");
            return true;
        };
        using ChatClient client = server.Client();
        long begun = Stopwatch.GetTimestamp();
        RequestSample sample = await client.AskAsync(Request, TestContext.Current.CancellationToken);
        TimeSpan whole = Stopwatch.GetElapsedTime(begun);
        Assert.Null(sample.Failure);
        Assert.Equal((9, 3), (sample.PromptTokens, sample.OutputTokens));
        // The client may read late, but never before a frame was sent: first token and gaps together span all three holds (timers may fire a
        // tick early).
        Assert.Equal(2, sample.Gaps.Count);
        Assert.True(sample.FirstToken > hold / 2);
        Assert.InRange(sample.FirstToken + sample.Gaps.Aggregate((a, b) => a + b), 2 * hold, whole);
    }

    [Fact]
    public async Task AskAsync_AnAnswerWithoutText_CountsItsEndAsTheFirstToken()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        using ChatClient client = server.Client();
        RequestSample sample = await client.AskAsync(Request with { MaxTokens = 0 }, TestContext.Current.CancellationToken);
        Assert.True(sample.FirstToken > TimeSpan.Zero);
        Assert.Empty(sample.Gaps);
    }
}
