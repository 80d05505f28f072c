using System.Runtime.CompilerServices;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Routing.Spill;
using LocalInference.Routing.Tests.Testing;

namespace LocalInference.Routing.Tests.Spill;

public sealed class SpillRouterTests : IDisposable
{
    private readonly RecordedMetrics _recorded = new();
    private readonly ScriptedCloud _cloud = new();

    public void Dispose() => _recorded.Dispose();

    [Fact]
    public async Task Route_RoomHere_AnswersLocallyAndTellsNoCloud()
    {
        ScriptedEngine engine = new(places: 1, Requests.Full);
        engine.Finish();
        using RoutedCompletion routed = Router(engine).Route(Requests.Chat() with { Sampling = new SamplingOptions { TopK = 3 } });
        Assert.Equal((ServedBy.Local, null, null), (routed.ServedBy, routed.SpillReason, routed.Refusal));
        Assert.Empty(routed.IgnoredParameters);
        Assert.Equal(0, engine.FreePlaces);
        Assert.Equal(new CompletionChunk.Started("local-model"), (await Chunks(routed))[0]);
        Assert.Equal(1, engine.FreePlaces);
        Assert.Empty(_cloud.Asked);
        Assert.Empty(_recorded.Counts);
    }

    [Fact]
    public void Route_RoomHereAndNeverStarted_DisposingGivesThePlaceBack()
    {
        ScriptedEngine engine = new(places: 1, Requests.Full);
        Router(engine).Route(Requests.Chat()).Dispose();
        Assert.Equal(1, engine.FreePlaces);
    }

    [Fact]
    public async Task Route_FullAndAllowed_AsksTheCloudAndSaysWhy()
    {
        CompletionRequest request = Requests.Chat() with { Sampling = new SamplingOptions { TopK = 3 } };
        using RoutedCompletion routed = Router(new ScriptedEngine(places: 0, Requests.Full)).Route(request);
        Assert.Equal((ServedBy.Cloud, "rejected-saturated", null), (routed.ServedBy, routed.SpillReason, routed.Refusal));
        Assert.Equal(["top_k"], routed.IgnoredParameters);
        Assert.Empty(_cloud.Asked);
        Assert.Equal(new CompletionChunk.Started("cloud-model"), (await Chunks(routed))[0]);
        Assert.Same(request, Assert.Single(_cloud.Asked).Request);
        Assert.Equal(["admission_rejections{QueueFull}", "spill{rejected-saturated}"], _recorded.Counts);
    }

    [Fact]
    public async Task Route_FullAndLocalOnly_TheRefusalStandsWithItsTime()
    {
        using RoutedCompletion routed =
            Router(new ScriptedEngine(places: 0, Requests.Full)).Route(Requests.Chat() with { DataClass = null });
        Assert.Same(Requests.Full, routed.Refusal);
        Assert.Equal([new CompletionChunk.Failed(Requests.Full)], await Chunks(routed));
        Assert.Empty(_cloud.Asked);
        Assert.Equal(["admission_rejections{QueueFull}"], _recorded.Counts);
    }

    [Fact]
    public void Route_FullAndNoCloud_TheRefusalStands()
    {
        using SpillRouter router = new(
            new ScriptedEngine(0, Requests.Full), new ScriptedEngine(0, Requests.Full), cloud: null, DataClass.Any, _recorded.Metrics);
        Assert.Same(Requests.Full, router.Route(Requests.Chat()).Refusal);
    }

    [Theory]
    [InlineData(InferenceError.NotReady)]
    [InlineData(InferenceError.Draining)]
    [InlineData(InferenceError.PromptTooLong)]
    public void Route_RefusedForAnotherReason_TheRefusalStands(InferenceError error)
    {
        InferenceFailure refusal = new(error, "No.");
        using RoutedCompletion routed = Router(new ScriptedEngine(0, refusal)).Route(Requests.Chat());
        Assert.Same(refusal, routed.Refusal);
        Assert.Equal([$"admission_rejections{{{error}}}"], _recorded.Counts);
    }

    private SpillRouter Router(ScriptedEngine engine) => new(engine, engine, _cloud, DataClass.LocalOnly, _recorded.Metrics);

    private static async Task<List<CompletionChunk>> Chunks(RoutedCompletion routed) =>
        await routed.CompleteAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    private sealed class ScriptedCloud : ICompletionBackend<SpillableRequest>
    {
        public List<SpillableRequest> Asked { get; } = [];

        public async IAsyncEnumerable<CompletionChunk> CompleteAsync(
            SpillableRequest admitted, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Asked.Add(admitted);
            await Task.CompletedTask;
            yield return new CompletionChunk.Started("cloud-model");
            yield return new CompletionChunk.Finished(FinishReason.Stop, new Usage(1, 1));
        }
    }
}
