using System.Net;
using System.Net.Sockets;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Tests.Testing;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Routing.Tests.Cloud;

public sealed class CloudBackendFailureTests : IDisposable
{
    private readonly CloudUnderTest _test = new();

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(404)]
    [InlineData(422)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task CompleteAsync_ARefusal_IsOneFailureWithTheCloudsWordsInTheLogOnly(int status)
    {
        await using StandInCloud cloud = await StandInCloud.RefusingAsync(status, """{"error":{"message":"Insufficient Balance"}}""");
        InferenceFailure failure = await FailureBeforeAnyPart(cloud.Url);
        Assert.Equal(InferenceError.CloudUnreachable, failure.Error);
        Assert.DoesNotContain("Balance", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"Warning 401 The cloud at {cloud.Url} failed request chatcmpl-1 (CloudUnreachable): it answered {status}: Insufficient Balance.", _test.Log.Text, StringComparison.Ordinal);
        Assert.Equal(["request_failures{cloud,CloudUnreachable}"], _test.Recorded.Counts);
        Assert.Single(cloud.Requests);
    }

    [Theory]
    [InlineData("12", 12)]
    [InlineData(null, 7)]
    [InlineData("soon", 7)]
    [InlineData("Thu, 01 Jan 2026 00:01:30 GMT", 90)]
    [InlineData("Wed, 31 Dec 2025 23:00:00 GMT", 0)]
    public async Task CompleteAsync_TheCloudIsFullToo_IsAFullQueueWithItsTimeOrOurs(string? retryAfter, int seconds)
    {
        _test.Time.SetUtcNow(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using StandInCloud cloud = await StandInCloud.RefusingAsync(429, "{}", retryAfter);
        InferenceFailure failure = await FailureBeforeAnyPart(cloud.Url);
        Assert.Equal((InferenceError.QueueFull, TimeSpan.FromSeconds(seconds)), (failure.Error, failure.RetryAfter));
    }

    [Fact]
    public async Task CompleteAsync_NobodyListens_IsUnreachable()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Assert.Equal(InferenceError.CloudUnreachable, (await FailureBeforeAnyPart($"http://127.0.0.1:{port}")).Error);
    }

    [Fact]
    public async Task CompleteAsync_TheConnectionDiesBeforeTheStatusLine_IsUnreachable()
    {
        await using StandInCloud cloud = await StandInCloud.StartAsync(context => { context.Abort(); return Task.CompletedTask; });
        Assert.Equal(InferenceError.CloudUnreachable, (await FailureBeforeAnyPart(cloud.Url)).Error);
        Assert.Single(cloud.Requests);
    }

    [Fact]
    public async Task CompleteAsync_ARedirect_IsNotFollowed()
    {
        await using StandInCloud elsewhere = await StandInCloud.StreamingAsync(Frames.Content("Yes"), Frames.Finish("stop"), Frames.Done);
        await using StandInCloud cloud = await StandInCloud.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = elsewhere.Url;
            return Task.CompletedTask;
        });
        Assert.Equal(InferenceError.CloudUnreachable, (await FailureBeforeAnyPart(cloud.Url)).Error);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task CompleteAsync_APageInPlaceOfAStream_IsUnreachable()
    {
        await using StandInCloud cloud = await StandInCloud.RefusingAsync(200, "{}");
        Assert.Equal(InferenceError.CloudUnreachable, (await FailureBeforeAnyPart(cloud.Url)).Error);
        Assert.Contains("it answered 200 with 'application/json' in place of an event stream", _test.Log.Text, StringComparison.Ordinal);
    }

    public static TheoryData<string[]> StreamsThatNeverBegin => new()
    {
        { [] },
        { [Frames.KeepAlive] },
        { [Frames.Role] },
        { [Frames.Role, Frames.Done] },
        { [Frames.Role, Frames.Finish("insufficient_system_resource"), Frames.Done] },
        { ["""data: {"error":{"message":"overloaded"}}"""] },
        { ["data: {broken"] },
        { ["data: null"] },
        { [Frames.Delta("""{"content":"\ud83d"}""")] },
        { [Frames.Finish("stop")] },
    };

    [Theory]
    [MemberData(nameof(StreamsThatNeverBegin))]
    public async Task CompleteAsync_AStreamThatFailsBeforeItBegins_IsOneFailure(string[] lines)
    {
        await using StandInCloud cloud = await StandInCloud.StreamingAsync(lines);
        Assert.Equal(InferenceError.CloudUnreachable, (await FailureBeforeAnyPart(cloud.Url)).Error);
    }

    public static TheoryData<string[]> StreamsThatBreakOff => new()
    {
        { [] },
        { [Frames.Finish("stop")] },
        { [Frames.Done] },
        { [Frames.Finish("insufficient_system_resource"), Frames.Done] },
        { ["""data: {"error":{"message":"overloaded"}}"""] },
        { ["data: {broken"] },
    };

    [Theory]
    [MemberData(nameof(StreamsThatBreakOff))]
    public async Task CompleteAsync_AStreamThatBreaksOff_EndsWithAFailureAndNeverAFinish(string[] lines)
    {
        await using StandInCloud cloud = await StandInCloud.StreamingAsync([Frames.Content("Ye"), .. lines]);
        await AssertBrokenAfterAPart(cloud);
    }

    [Fact]
    public async Task CompleteAsync_TheConnectionDiesInTheMiddle_EndsWithAFailure()
    {
        TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using StandInCloud cloud = await StandInCloud.StartAsync(async context =>
        {
            await StandInCloud.BeginAsync(context);
            await StandInCloud.SendAsync(context, Frames.Content("Ye"));
            await read.Task;
            context.Abort();
        });
        await AssertBrokenAfterAPart(cloud, read.SetResult);
    }

    [Fact]
    public async Task CompleteAsync_ACloudThatQuotesPromptAndKey_NeitherIsLogged()
    {
        string quoting = $$$"""{"error":{"message":"key {{{CloudUnderTest.Key}}} may not say: {{{Requests.Secret}}}"}}""";
        await using StandInCloud refusing = await StandInCloud.RefusingAsync(400, quoting);
        await using StandInCloud streaming = await StandInCloud.StreamingAsync($"data: {quoting}");
        await using StandInCloud broken = await StandInCloud.StreamingAsync($"data: {Requests.Secret} {CloudUnderTest.Key}");
        await using StandInCloud answering = await StandInCloud.StreamingAsync(
            Frames.Content(Requests.Secret), Frames.Finish("stop"), Frames.Done);
        foreach (StandInCloud cloud in new[] { refusing, streaming, broken, answering }) await _test.AnswerAsync(cloud);
        Assert.Equal(7, _test.Log.Lines.Count);
        Assert.DoesNotContain("swordfish", _test.Log.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(CloudUnderTest.Key, _test.Log.Text, StringComparison.Ordinal);
    }

    private async Task<InferenceFailure> FailureBeforeAnyPart(string url)
    {
        using IDisposable backend = _test.Backend(url, out var complete);
        return Assert.IsType<CompletionChunk.Failed>(Assert.Single(await complete(Requests.Chat()).ToListAsync(TestContext.Current.CancellationToken))).Failure;
    }

    private async Task AssertBrokenAfterAPart(StandInCloud cloud, Action? onPart = null)
    {
        List<CompletionChunk> chunks = [];
        using IDisposable backend = _test.Backend(cloud.Url, out var complete);
        await foreach (CompletionChunk chunk in complete(Requests.Chat()).WithCancellation(TestContext.Current.CancellationToken))
        {
            chunks.Add(chunk);
            if (chunk is CompletionChunk.Content) onPart?.Invoke();
        }
        Assert.Equal([new CompletionChunk.Started("deepseek-v4-flash"), new CompletionChunk.Content("Ye")], chunks.SkipLast(1));
        Assert.Equal(InferenceError.CloudUnreachable, Assert.IsType<CompletionChunk.Failed>(chunks[^1]).Failure.Error);
        Assert.Equal(["request_failures{cloud,CloudUnreachable}"], _test.Recorded.Counts);
    }
}
