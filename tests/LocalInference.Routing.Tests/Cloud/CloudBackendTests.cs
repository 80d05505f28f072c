using LocalInference.Core.Completions;
using LocalInference.Routing.Tests.Testing;

namespace LocalInference.Routing.Tests.Cloud;

public sealed class CloudBackendTests : IDisposable
{
    private readonly CloudUnderTest _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task CompleteAsync_ARequest_GoesOutWithKeyModelAndNothingUnasked()
    {
        await using StandInCloud cloud = await StandInCloud.StreamingAsync(Frames.Content("Yes"), Frames.Finish("stop"), Frames.Done);
        await _test.AnswerAsync(cloud, Requests.Chat(new ChatMessage { Role = "user", Content = "Hello" }), path: "/v1/");
        CloudRequest asked = Assert.Single(cloud.Requests);
        Assert.Equal(("POST", "/v1/chat/completions"), (asked.Method, asked.Path));
        Assert.Equal(
            """{"model":"deepseek-flash","messages":[{"role":"user","content":"Hello"}],"stream":true,"stream_options":{"include_usage":true}}""", asked.Body);
        Assert.Equal(
            ["Accept: text/event-stream", $"Authorization: Bearer {CloudUnderTest.Key}", $"Content-Length: {asked.Body.Length}", "Content-Type: application/json", $"Host: {new Uri(cloud.Url).Authority}"],
            asked.Headers.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {h.Value}"));
    }

    [Fact]
    public async Task CompleteAsync_KeepAlivesAndBlankLines_AreNoPartsOfTheAnswer()
    {
        await using StandInCloud cloud = await StandInCloud.StreamingAsync(
            Frames.KeepAlive, "", Frames.Role, Frames.KeepAlive, Frames.Content("Yes"), "", Frames.KeepAlive, Frames.Finish("stop"), Frames.KeepAlive, Frames.Done);
        Assert.Equal(
            [
                new CompletionChunk.Started("deepseek-v4-flash"),
                new CompletionChunk.Content("Yes"),
                new CompletionChunk.Finished(FinishReason.Stop, new Usage(11, 4, 8, 2)),
            ],
            await _test.AnswerAsync(cloud));
        Assert.Equal(["request_success{cloud,stop}"], _test.Recorded.Counts);
        Assert.Equal($"Information 400 Request chatcmpl-1 finds no room here and goes to the cloud at {cloud.Url}. ", Assert.Single(_test.Log.Lines));
    }

    [Fact]
    public async Task CompleteAsync_NoUsage_IsAnsweredWithZerosAndAWarning()
    {
        await using StandInCloud cloud = await StandInCloud.StreamingAsync(Frames.Delta("""{"content":"Yes"}""", "\"stop\""), Frames.Done);
        List<CompletionChunk> chunks = await _test.AnswerAsync(cloud);
        Assert.Equal(new CompletionChunk.Finished(FinishReason.Stop, new Usage(0, 0)), chunks[^1]);
        Assert.Contains("Warning 402", _test.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompleteAsync_ManyAnswersOneAfterTheOther_ShareAConnection()
    {
        HashSet<string> connections = [];
        await using StandInCloud cloud = await StandInCloud.StartAsync(async context =>
        {
            connections.Add(context.Connection.Id);
            await StandInCloud.BeginAsync(context);
            foreach (string line in new[] { Frames.Content("Yes"), Frames.Finish("stop"), Frames.Done })
                await StandInCloud.SendAsync(context, line);
        });
        using IDisposable backend = _test.Backend(cloud.Url, out var complete);
        for (int i = 0; i < 3; i++) Assert.Equal(3, (await complete(Requests.Chat()).ToListAsync(TestContext.Current.CancellationToken)).Count);
        Assert.Single(connections);
    }

    [Fact]
    public async Task CompleteAsync_TheClientGoesAway_TheCloudsConnectionIsClosed()
    {
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using StandInCloud cloud = await StandInCloud.StartAsync(async context =>
        {
            context.RequestAborted.Register(closed.SetResult);
            await StandInCloud.BeginAsync(context);
            await StandInCloud.SendAsync(context, Frames.Content("Yes"));
            await closed.Task;
        });
        using CancellationTokenSource client = new();
        using IDisposable backend = _test.Backend(cloud.Url, out var complete);
        await using IAsyncEnumerator<CompletionChunk> chunks = complete(Requests.Chat()).GetAsyncEnumerator(client.Token);
        Assert.True(await chunks.MoveNextAsync());
        Assert.True(await chunks.MoveNextAsync());
        ValueTask<bool> next = chunks.MoveNextAsync();
        await client.CancelAsync();
        OperationCanceledException gone = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        Assert.Equal(client.Token, gone.CancellationToken);
        await closed.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["requests_aborted{}"], _test.Recorded.Counts);
    }

    [Fact]
    public async Task CompleteAsync_TheReaderStopsEarly_TheCloudsConnectionIsClosed()
    {
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using StandInCloud cloud = await StandInCloud.StartAsync(async context =>
        {
            context.RequestAborted.Register(closed.SetResult);
            await StandInCloud.BeginAsync(context);
            await StandInCloud.SendAsync(context, Frames.Content("Yes"));
            await closed.Task;
        });
        using IDisposable backend = _test.Backend(cloud.Url, out var complete);
        await foreach (CompletionChunk _ in complete(Requests.Chat())) break;
        await closed.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["requests_aborted{}"], _test.Recorded.Counts);
    }
}
