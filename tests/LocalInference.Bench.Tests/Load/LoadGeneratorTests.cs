using System.Text.Json;
using LocalInference.Bench.Load;
using LocalInference.Bench.Tests.Testing;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Bench.Tests.Load;

public sealed class LoadGeneratorTests
{
    private static readonly LoadPlan Plan = new() { Levels = [4], Requests = 12, PromptTokens = 100, OutputTokens = 5, Seed = 1 };

    [Fact]
    public async Task RunAsync_ALevel_AsksAsPlannedAndCountsEverything()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        int answered = 0;
        LevelResult result = await RunAsync(server, Plan, () => Interlocked.Increment(ref answered));
        Assert.Equal((4, 12, 0, 12), (result.Concurrency, result.Requests, result.Failed, answered));
        Assert.Equal((100, 5), (result.PromptTokens, result.OutputTokens));
        Assert.Equal(60 / result.DurationSeconds, result.OutputTokensPerSecond, tolerance: 1e-6);
        Assert.NotNull(result.TimeToFirstTokenMs.P99);
        Assert.NotNull(result.TokenGapMs.P99);

        JsonElement[] measured = [.. server.Requests.Skip(2)];
        Assert.Equal(12, measured.Select(FakeServer.PromptOf).Distinct().Count());
        Assert.All(measured, request => Assert.Equal(
            """{"model":"fake","messages":[{"role":"user","content":"…"}],"max_tokens":5,"ignore_eos":true,"stream":true,"stream_options":{"include_usage":true}}""",
            request.GetRawText().Replace(FakeServer.PromptOf(request), "…", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RunAsync_ALevel_KeepsExactlySoManyInFlight()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        using ChatClient client = server.Client();
        LoadGenerator generator = new(client, "fake", Plan);
        await generator.CalibrateAsync(TestContext.Current.CancellationToken);
        // Answers are held until four requests are there: fewer in flight would wait for ever, more would show.
        TaskCompletionSource four = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int arrived = 0;
        server.Gate = () =>
        {
            if (Interlocked.Increment(ref arrived) == 4) four.SetResult();
            return four.Task;
        };
        await generator.RunAsync(0, () => { }, TestContext.Current.CancellationToken);
        Assert.Equal(4, server.MostInFlight);
    }

    [Fact]
    public async Task RunAsync_WithProbes_AsksWhileAnswersAreAwaited()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        using ChatClient client = server.Client();
        LoadGenerator generator = new(client, "fake", Plan with { Probes = true });
        await generator.CalibrateAsync(TestContext.Current.CancellationToken);
        // No request is answered before three probes were: they do not wait for the load.
        server.Gate = async () =>
        {
            while (server.ModelsAsked < 3) await Task.Yield();
        };
        LevelResult result = await generator.RunAsync(0, () => { }, TestContext.Current.CancellationToken);
        Assert.True(result.Probe!.Count >= 3);
        Assert.Equal((server.ModelsAsked, 0), (result.Probe.Count, result.Probe.Failed));
        Assert.NotNull(result.Probe.Ms.P99);
        Assert.Equal(12, result.Requests);
    }

    [Fact]
    public async Task RunAsync_ProbesAreRefused_CountAsFailedAndHaveNoTimes()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        server.ModelsStatus = 500;
        LevelResult result = await RunAsync(server, Plan with { Probes = true });
        Assert.True(result.Probe!.Count >= 1);
        Assert.Equal((result.Probe.Count, null, 0), (result.Probe.Failed, result.Probe.Ms.P50, result.Failed));
    }

    [Fact]
    public async Task RunAsync_WithoutProbes_AsksNothingElse()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        Assert.Null((await RunAsync(server, Plan)).Probe);
        Assert.Equal(0, server.ModelsAsked);
    }

    [Fact]
    public async Task RunAsync_SomeRequestsFail_AreCountedByReasonAndLeftOutOfTheFigures()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        int asked = 0;
        server.Instead = async (context, request) =>
        {
            switch (Interlocked.Increment(ref asked) - 2)
            {
                case 3 or 5:
                    context.Response.StatusCode = 429;
                    await context.Response.WriteAsync("""{"error":{"message":"full","type":"rate_limit_error","param":null,"code":"queue_full"}}""");
                    return true;
                case 4:
                    context.Response.StatusCode = 502;
                    await context.Response.WriteAsync("<html>");
                    return true;
                case 6:
                    context.Abort();
                    return true;
                case 7:
                    await FakeServer.SendAsync(context, """{"error":{"code":"engine_failed"}}""");
                    return true;
                case 8:
                    await FakeServer.SendAsync(context, """{"choices":[{"delta":{"content":"x"},"finish_reason":null}]}""");
                    return true;
                case 9:
                    await FakeServer.SendAsync(context, """{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}""");
                    await FakeServer.SendAsync(context, "[DONE]");
                    return true;
                case 10:
                    await FakeServer.SendAsync(context, "{broken");
                    return true;
                default:
                    return false;
            }
        };
        LevelResult result = await RunAsync(server, Plan with { Levels = [1] });
        Assert.Equal((12, 8, 5, 100), (result.Requests, result.Failed, result.OutputTokens, result.PromptTokens));
        Assert.Equal(20 / result.DurationSeconds, result.OutputTokensPerSecond, tolerance: 1e-6);
        Assert.Equal(
            [
                "1 HTTP 502", "1 a frame is not the expected JSON", "1 connection: …", "1 error in the stream: engine_failed",
                "1 the server does not report usage (stream_options.include_usage)", "1 the stream ended without a finish reason and [DONE]",
                "2 HTTP 429 queue_full",
            ],
            // How a broken connection shows depends on what the kernel had sent by then.
            result.Failures
                .Select(f => f.Key.StartsWith("connection: ", StringComparison.Ordinal) ? $"{f.Value} connection: …" : $"{f.Value} {f.Key}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task RunAsync_EveryRequestFails_HasNoFiguresRatherThanZeros()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        using ChatClient client = server.Client();
        LoadGenerator generator = new(client, "fake", Plan);
        await generator.CalibrateAsync(TestContext.Current.CancellationToken);
        server.Instead = (context, _) => { context.Response.StatusCode = 500; return Task.FromResult(true); };
        LevelResult result = await generator.RunAsync(0, () => { }, TestContext.Current.CancellationToken);
        Assert.Equal((12, null, null), (result.Failed, result.PromptTokens, result.TimeToFirstTokenMs.P50));
        Assert.Equal(0, result.OutputTokensPerSecond);
    }

    [Fact]
    public async Task CalibrateAsync_AServerThatRefuses_SaysWhatItSaid()
    {
        await using FakeServer server = await FakeServer.StartAsync();
        server.Instead = (context, _) => { context.Response.StatusCode = 404; return Task.FromResult(true); };
        BenchException thrown = await Assert.ThrowsAsync<BenchException>(() => RunAsync(server, Plan));
        Assert.Contains("HTTP 404. Check --model ('fake')", thrown.Message, StringComparison.Ordinal);
    }

    private static async Task<LevelResult> RunAsync(FakeServer server, LoadPlan plan, Action? onAnswered = null)
    {
        using ChatClient client = server.Client();
        LoadGenerator generator = new(client, "fake", plan);
        await generator.CalibrateAsync(TestContext.Current.CancellationToken);
        return await generator.RunAsync(0, onAnswered ?? (() => { }), TestContext.Current.CancellationToken);
    }
}
