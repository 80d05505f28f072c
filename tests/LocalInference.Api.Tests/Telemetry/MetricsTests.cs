using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;

namespace LocalInference.Api.Tests.Telemetry;

public sealed class MetricsTests
{
    [Fact]
    public async Task Metrics_CountedBeforeTheFirstScrape_AreShown()
    {
        await using TestApp app = await StartAsync();
        app.Metrics.Admitted(promptTokens: 5);
        app.Metrics.Admitted(promptTokens: 7);
        app.Metrics.Finished(ServedBy.Local, FinishReason.Stop);
        app.Metrics.Finished(ServedBy.Cloud, FinishReason.Length);
        app.Metrics.Finished(ServedBy.Cloud, FinishReason.Length);
        app.Metrics.Rejected(InferenceError.QueueFull);

        string[] lines = await ScrapeAsync(app);

        Assert.Contains("# HELP localinference_prompt_tokens_total Prompt tokens of admitted requests.", lines);
        Assert.Contains("# TYPE localinference_prompt_tokens_total counter", lines);
        Assert.Contains("localinference_prompt_tokens_total 12", lines);
        Assert.Contains("localinference_request_success_total{served_by=\"local\",finished_reason=\"stop\"} 1", lines);
        Assert.Contains("localinference_request_success_total{served_by=\"cloud\",finished_reason=\"length\"} 2", lines);
        Assert.Contains("localinference_admission_rejections_total{reason=\"QueueFull\"} 1", lines);
    }

    [Fact]
    public async Task Counters_NothingCounted_AreThereAtZero()
    {
        await using TestApp app = await StartAsync();
        _ = app.Metrics;

        string[] lines = await ScrapeAsync(app);

        Assert.Contains("localinference_prompt_tokens_total 0", lines);
        Assert.Contains("localinference_request_success_total 0", lines);
        Assert.Contains("localinference_step_duration_seconds_count 0", lines);
    }

    [Fact]
    public async Task Counter_Labelled_LosesItsPlainLine()
    {
        await using TestApp app = await StartAsync();
        app.Metrics.Spilled("rejected-saturated");

        string[] lines = await ScrapeAsync(app);

        Assert.Equal(["localinference_spill_total{reason=\"rejected-saturated\"} 1"], lines.Where(line => line.StartsWith("localinference_spill_total", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Histogram_HasTheBucketsOfItsAdvice()
    {
        await using TestApp app = await StartAsync();
        app.Metrics.Stepped(TimeSpan.FromMilliseconds(4), tokens: 3, generated: 2);

        string[] lines = await ScrapeAsync(app);

        Assert.Contains("# TYPE localinference_step_duration_seconds histogram", lines);
        Assert.Contains("localinference_step_duration_seconds_bucket{le=\"0.003\"} 0", lines);
        Assert.Contains("localinference_step_duration_seconds_bucket{le=\"0.005\"} 1", lines);
        Assert.Contains("localinference_step_duration_seconds_sum 0.004", lines);
        Assert.Contains("localinference_iteration_tokens_bucket{le=\"2\"} 0", lines);
        Assert.Contains("localinference_iteration_tokens_bucket{le=\"4\"} 1", lines);
        Assert.Contains("localinference_generation_tokens_total 2", lines);
    }

    [Fact]
    public async Task Gauges_AreReadAtEveryScrape()
    {
        await using TestApp app = await StartAsync();
        int used = 3;
        app.Metrics.ObserveEngine(() => 1, () => 2, () => used, blockCount: 10);

        Assert.Contains("localinference_kv_cache_usage_perc 0.3", await ScrapeAsync(app));
        used = 5;
        string[] lines = await ScrapeAsync(app);
        Assert.Contains("localinference_kv_cache_usage_perc 0.5", lines);
        Assert.Contains("localinference_kv_blocks_used 5", lines);
        Assert.Contains("localinference_num_requests_waiting 2", lines);
        Assert.Contains("# TYPE localinference_num_requests_running gauge", lines);
    }

    [Fact]
    public async Task Servers_TwoInOneProcess_DoNotMix()
    {
        await using TestApp one = await StartAsync();
        await using TestApp other = await StartAsync();
        _ = other.Metrics;
        one.Metrics.Admitted(promptTokens: 5);

        Assert.Contains("localinference_prompt_tokens_total 5", await ScrapeAsync(one));
        Assert.Contains("localinference_prompt_tokens_total 0", await ScrapeAsync(other));
    }

    [Fact]
    public async Task Metrics_CountedFromManyThreads_LoseNothing()
    {
        await using TestApp app = await StartAsync();
        Parallel.For(0, 10_000, i =>
        {
            app.Metrics.Finished(ServedBy.Local, i % 2 == 0 ? FinishReason.Stop : FinishReason.Length);
            app.Metrics.Preempted();
        });

        string[] lines = await ScrapeAsync(app);

        Assert.Contains("localinference_request_success_total{served_by=\"local\",finished_reason=\"stop\"} 5000", lines);
        Assert.Contains("localinference_request_success_total{served_by=\"local\",finished_reason=\"length\"} 5000", lines);
        Assert.Contains("localinference_num_preemptions_total 10000", lines);
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(ScriptedRouter.Answering(Chunks.Plain));

    private static async Task<string[]> ScrapeAsync(TestApp app)
    {
        HttpResponseMessage response = await app.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        return (await TestApp.ReadAsync(response)).Split('\n');
    }
}
