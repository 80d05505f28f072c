using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using Microsoft.Extensions.Logging;
using static LocalInference.Core.Completions.CompletionChunk;

namespace LocalInference.Api.Tests.Streaming;

public sealed class StreamedAnswerTests
{
    private const string Body = """{"messages":[{"role":"user","content":"Hi"}],"stream":true}""";

    [Fact]
    public async Task Headers_OfAStream_AreThoseOfSse()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));

        HttpResponseMessage response = await app.PostAsync(Body);

        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", response.Headers.CacheControl!.ToString());
        Assert.Equal("no", Assert.Single(response.Headers.GetValues("X-Accel-Buffering")));
        Assert.Equal("local", Assert.Single(response.Headers.GetValues("X-Served-By")));
        Assert.Equal("tiny", Assert.Single(response.Headers.GetValues("X-Model-Actual")));
        Assert.False(response.Headers.Contains("X-Spill-Reason"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FirstChunk_IsFailure_BecomesAStatus(bool streams)
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(
            new Failed(new InferenceFailure(InferenceError.CloudTimeout, "The cloud was slow."))));

        HttpResponseMessage response = await app.PostAsync(streams ? Body : Body.Replace("true", "false"));

        Assert.Equal(504, (int)response.StatusCode);
        JsonElement error = (await TestApp.ReadJsonAsync(response)).GetProperty("error");
        Assert.Equal("upstream_error", error.GetProperty("type").GetString());
        Assert.Equal("cloud_timeout", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Whole_FailureAfterStart_IsAnErrorBody()
    {
        await using TestApp app = await TestApp.StartAsync(ScriptedRouter.Answering(
            new Started("tiny"), new Content("Hel"), new Failed(new InferenceFailure(InferenceError.EngineFailed, "A step failed."))));

        HttpResponseMessage response = await app.PostAsync("""{"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal(500, (int)response.StatusCode);
        Assert.Equal("""{"error":{"message":"A step failed.","type":"server_error","param":null,"code":"engine_failed"}}""", await TestApp.ReadAsync(response));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chunks_OneByOne_ArriveBeforeTheNextExists(bool isReal)
    {
        Channel<CompletionChunk> source = Channel.CreateUnbounded<CompletionChunk>();
        ScriptedRouter router = new(_ => new RoutedCompletion(ServedBy.Local, token => source.Reader.ReadAllAsync(token)));
        await using TestApp app = isReal ? await TestApp.StartOnLoopbackAsync(router) : await TestApp.StartAsync(router);
        source.Writer.TryWrite(new Started("tiny"));

        using HttpResponseMessage response = await SendAsync(app, TestContext.Current.CancellationToken);
        using StreamReader lines = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        Assert.Contains("assistant", await NextFrameAsync(lines));
        foreach (string word in new[] { "one", "two", "three" })
        {
            source.Writer.TryWrite(new Content(word));
            Assert.Contains($"\"content\":\"{word}\"", await NextFrameAsync(lines));
        }
        source.Writer.TryWrite(new Finished(FinishReason.Length, Chunks.Usage));
        source.Writer.Complete();
        Assert.Contains("\"finish_reason\":\"length\"", await NextFrameAsync(lines));
        Assert.Equal("data: [DONE]", await NextFrameAsync(lines));
    }

    [Fact]
    public async Task Status_IsNotSent_BeforeTheFirstChunk()
    {
        Channel<CompletionChunk> source = Channel.CreateUnbounded<CompletionChunk>();
        await using TestApp app = await TestApp.StartOnLoopbackAsync(
            new ScriptedRouter(_ => new RoutedCompletion(ServedBy.Local, token => source.Reader.ReadAllAsync(token))));

        Task<HttpResponseMessage> pending = SendAsync(app, TestContext.Current.CancellationToken);
        Task<HttpResponseMessage> other = app.GetAsync("/health/live");
        await other;
        Assert.False(pending.IsCompleted);
        source.Writer.TryWrite(new Failed(new InferenceFailure(InferenceError.EngineFailed, "No.")));
        source.Writer.Complete();

        Assert.Equal(500, (int)(await pending).StatusCode);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 2)]
    [InlineData(true, 0)]
    [InlineData(true, 2)]
    public async Task ClientGone_BeforeOrWithinTheStream_CancelsTheBackend(bool isReal, int chunksBefore)
    {
        TaskCompletionSource isRunning = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource isCancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedRouter router = new(
            _ => new RoutedCompletion(ServedBy.Local, token => Endless(chunksBefore, isRunning, isCancelled, token)));
        await using TestApp app = isReal ? await TestApp.StartOnLoopbackAsync(router) : await TestApp.StartAsync(router);
        using CancellationTokenSource client = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        Task<HttpResponseMessage> pending = SendAsync(app, client.Token);
        await isRunning.Task.WaitAsync(TestContext.Current.CancellationToken);
        if (chunksBefore > 0)
        {
            HttpResponseMessage response = await pending;
            await client.CancelAsync();
            response.Dispose();
        }
        else
        {
            await client.CancelAsync();
            // Over a real connection always an exception; in memory the server's last word may still arrive.
            await Record.ExceptionAsync(() => pending);
        }

        await isCancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(app.Log.Entries, entry => entry.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task ClientGone_WhileTheWholeAnswerIsCollected_CancelsTheBackend()
    {
        TaskCompletionSource isRunning = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource isCancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestApp app = await TestApp.StartOnLoopbackAsync(
            new ScriptedRouter(_ => new RoutedCompletion(ServedBy.Local, token => Endless(2, isRunning, isCancelled, token))));
        using CancellationTokenSource client = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        Task<HttpResponseMessage> pending = app.Client.PostAsync(
            "/v1/chat/completions", TestApp.Json(Body.Replace("true", "false")), client.Token);
        await isRunning.Task.WaitAsync(TestContext.Current.CancellationToken);
        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await isCancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("stops")]
    [InlineData("raw")]
    public async Task Backend_BreaksItsContractWithinTheStream_ClientGetsErrorFrameAndLogTheCause(string how)
    {
        await using TestApp app = await TestApp.StartAsync(new ScriptedRouter(_ => new RoutedCompletion(ServedBy.Local, _ => Broken(how))));

        string stream = await app.PostTextAsync(Body);

        Assert.EndsWith("""data: {"error":{"message":"The server failed on this request; its log says why.","type":"server_error","param":null,"code":"engine_failed"}}""" + "\n\n", stream);
        Assert.DoesNotContain("[DONE]", stream);
        Assert.Single(app.Log.Entries, entry => entry.Level == LogLevel.Error);
    }

    [Theory]
    [InlineData("throws-first")]
    [InlineData("empty")]
    [InlineData("content-first")]
    public async Task Backend_BreaksItsContractAtOnce_ClientGets500(string how)
    {
        await using TestApp app = await TestApp.StartAsync(new ScriptedRouter(_ => new RoutedCompletion(ServedBy.Local, _ => Broken(how))));

        HttpResponseMessage response = await app.PostAsync(Body);

        Assert.Equal(500, (int)response.StatusCode);
        Assert.Contains("engine_failed", await TestApp.ReadAsync(response));
        Assert.Single(app.Log.Entries, entry => entry.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Burst_LargerThanTheFlushSize_ArrivesWhole()
    {
        string[] words = [.. Enumerable.Range(0, 5000).Select(i => $"word-{i} ")];
        await using TestApp app = await TestApp.StartOnLoopbackAsync(ScriptedRouter.Answering(
            [new Started("tiny"), .. words.Select(word => new Content(word)), new Finished(FinishReason.Stop, Chunks.Usage)]));

        string stream = await app.PostTextAsync(Body);

        Assert.Equal(string.Concat(words), ContentOf(stream));
        Assert.EndsWith("data: [DONE]\n\n", stream);
    }

    [Fact]
    public async Task Streams_ManyAtOnce_EachGetsItsOwnAnswer()
    {
        await using TestApp app = await TestApp.StartOnLoopbackAsync(
            new ScriptedRouter(request => new RoutedCompletion(ServedBy.Local, token => Echo(request, token))));

        await Parallel.ForEachAsync(Enumerable.Range(0, 64), TestContext.Current.CancellationToken, async (i, _) =>
        {
            string stream = await app.PostTextAsync($$"""{"messages":[{"role":"user","content":"question {{i}}"}],"stream":true}""");
            Assert.Equal(string.Concat(Enumerable.Repeat($"question {i};", 20)), ContentOf(stream));
        });
    }

    [Fact]
    public async Task Place_AfterTheAnswer_IsGivenBack()
    {
        int held = 0;
        ScriptedRouter router = new(_ =>
        {
            Interlocked.Increment(ref held);
            return new RoutedCompletion(ServedBy.Local, token => ScriptedRouter.Play(Chunks.Plain, token), new Place(() => Interlocked.Decrement(ref held)));
        });
        await using TestApp app = await TestApp.StartAsync(router);

        await app.PostTextAsync(Body);

        Assert.Equal(0, held);
    }

    private static Task<HttpResponseMessage> SendAsync(TestApp app, CancellationToken cancellationToken) => app.Client.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = TestApp.Json(Body) },
        HttpCompletionOption.ResponseHeadersRead,
        cancellationToken);

    private static async Task<string> NextFrameAsync(StreamReader lines)
    {
        string line = (await lines.ReadLineAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("", await lines.ReadLineAsync(TestContext.Current.CancellationToken));
        return line;
    }

    private static string ContentOf(string stream) => string.Concat(stream
        .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        .Where(frame => frame != "data: [DONE]")
        .Select(frame => JsonElement.Parse(frame["data: ".Length..]).GetProperty("choices")[0].GetProperty("delta"))
        .Select(delta => delta.TryGetProperty("content", out JsonElement content) ? content.GetString() : ""));

    private static async IAsyncEnumerable<CompletionChunk> Endless(
        int chunksBefore, TaskCompletionSource isRunning, TaskCompletionSource isCancelled, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (chunksBefore > 0) yield return new Started("tiny");
        for (int i = 1; i < chunksBefore; i++) yield return new Content("more");
        isRunning.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        finally
        {
            isCancelled.TrySetResult();
        }
    }

    private static async IAsyncEnumerable<CompletionChunk> Broken(string how)
    {
        await Task.Yield();
        if (how == "empty") yield break;
        if (how == "throws-first") throw new InvalidOperationException("a bug");
        if (how != "content-first") yield return new Started("tiny");
        yield return new Content("Hel");
        if (how == "throws") throw new InvalidOperationException("a bug");
        if (how == "raw") yield return new Tokens(new[] { 1 }, "x");
    }

    private static async IAsyncEnumerable<CompletionChunk> Echo(
        CompletionRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string text = ((Prompt.Chat)request.Prompt).Messages[0].Content!;
        yield return new Started("tiny");
        for (int i = 0; i < 20; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new Content($"{text};");
        }
        yield return new Finished(FinishReason.Stop, Chunks.Usage);
    }

    private sealed class Place(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
