using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Cloud;
using LocalInference.Routing.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Routing.Tests;

public sealed class CompletionRoutingTests : IDisposable
{
    private readonly RecordedMetrics _recorded = new();

    public void Dispose() => _recorded.Dispose();

    [Fact]
    public async Task Create_ABurstOfTwelveWithRoomForFour_FourStayEightSpillNoneIsLost()
    {
        await using StandInCloud cloud = await StandInCloud.StreamingAsync(
            Frames.KeepAlive, Frames.Content("From the cloud."), Frames.Finish("stop"), Frames.Done);
        ScriptedEngine engine = new(places: 4, Requests.Full);
        ICompletionRouter router = Router(engine, new CloudOptions { BaseUrl = cloud.Url, Model = "m", ApiKey = "sk-test" });
        using Barrier together = new(12);
        (RoutedCompletion Routed, Task<List<CompletionChunk>> Answer)[] all = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(TestContext.Current.CancellationToken);
                RoutedCompletion routed = router.Route(Requests.Chat() with { Id = $"chatcmpl-{i}" });
                return (routed, routed.CompleteAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken).AsTask());
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        // All have their side before the first local answer ends.
        engine.Finish();
        List<CompletionChunk>[] answers = await Task.WhenAll(all.Select(a => a.Answer));
        Assert.Equal(4, all.Count(a => a.Routed.ServedBy == ServedBy.Local));
        Assert.Equal(8, all.Count(a => a.Routed.ServedBy == ServedBy.Cloud));
        Assert.All(answers, a => Assert.IsType<CompletionChunk.Finished>(a[^1]));
        Assert.Equal(8, cloud.Requests.Count);
        Assert.Equal(4, engine.FreePlaces);
        Assert.Equal(8, _recorded.Counts.Count(c => c == "request_success{cloud,stop}"));
        (router as IDisposable)?.Dispose();
    }

    [Fact]
    public void Create_NoCloudConfigured_RefusesWhatFindsNoRoom()
    {
        ICompletionRouter router = Router(
            new ScriptedEngine(places: 0, Requests.Full), new CloudOptions { DefaultDataClass = DataClass.Any });
        Assert.Equal(InferenceError.QueueFull, router.Route(Requests.Chat()).Refusal?.Error);
    }

    [Fact]
    public void Create_WrongOptions_ThrowsWithEveryFault()
    {
        CloudOptions wrong = new() { BaseUrl = "http://cloud.example", IdleTimeout = TimeSpan.Zero };
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => Router(new ScriptedEngine(0, Requests.Full), wrong));
        Assert.All(
            ["Cloud:BaseUrl", "Cloud:Model", "Cloud:IdleTimeout"], name => Assert.Contains(name, thrown.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Create_Disposed_ClosesTheCloudsConnections()
    {
        ICompletionRouter router = Router(
            new ScriptedEngine(places: 0, Requests.Full), new CloudOptions { BaseUrl = "http://127.0.0.1:9", Model = "m" });
        Assert.IsAssignableFrom<IDisposable>(router).Dispose();
        RoutedCompletion late = router.Route(Requests.Chat());
        Assert.ThrowsAny<ObjectDisposedException>(() => late.CompleteAsync(TestContext.Current.CancellationToken).ToBlockingEnumerable(TestContext.Current.CancellationToken).Count());
    }

    private ICompletionRouter Router(ScriptedEngine engine, CloudOptions cloud) =>
        CompletionRouting.Create(engine, engine, cloud, _recorded.Metrics, TimeProvider.System, NullLoggerFactory.Instance);
}
