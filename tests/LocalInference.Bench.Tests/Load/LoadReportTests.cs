using System.Text.RegularExpressions;
using LocalInference.Bench.Load;
using Spectre.Console;

namespace LocalInference.Bench.Tests.Load;

public sealed class LoadReportTests
{
    private static readonly LevelResult Good = new()
    {
        Concurrency = 8,
        Requests = 16,
        Failed = 0,
        Failures = new Dictionary<string, int>(),
        DurationSeconds = 2,
        PromptTokens = 128.25,
        OutputTokens = 64,
        OutputTokensPerSecond = 512,
        TimeToFirstTokenMs = new Percentiles(10, 20.5, 30),
        TokenGapMs = new Percentiles(1.25, 2, 3),
    };

    private static readonly LevelResult Probed = Good with { Probe = new ProbeResult(40, 1, new Percentiles(1, 2, 3)) };

    private static readonly LevelResult Bad =
        LevelResult.Of(32, [new RequestSample { Failure = "HTTP 429 queue_full" }], TimeSpan.FromSeconds(1));

    [Fact]
    public void Json_ALevel_IsOneLineWithUnitsInItsNames() =>
        Assert.Equal(
            """{"concurrency":8,"requests":16,"failed":0,"failures":{},"duration_seconds":2,"prompt_tokens":128.25,"output_tokens":64,"output_tokens_per_second":512"""
            + ""","time_to_first_token_ms":{"p50":10,"p95":20.5,"p99":30},"token_gap_ms":{"p50":1.25,"p95":2,"p99":3}}""",
            LoadReport.Json(Good));

    [Fact]
    public void Json_AProbedLevel_HasTheProbeLast() =>
        Assert.EndsWith(
            ""","probe":{"count":40,"failed":1,"ms":{"p50":1,"p95":2,"p99":3}}}""", LoadReport.Json(Probed), StringComparison.Ordinal);

    [Fact]
    public void WriteTable_AProbedLevel_SaysSoBelow()
    {
        using StringWriter text = new();
        LoadReport.WriteTable(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) }), [Good, Probed]);
        Assert.Equal(
            ["8 in flight: GET /v1/models ms p50/p95/p99 1.00/2.00/3.00 (40 asked, 1 failed)"],
            text.ToString().Split('\n').Where(l => l.Contains("GET", StringComparison.Ordinal)).Select(l => l.Trim()));
    }

    [Fact]
    public void Json_NothingAnswered_SaysNullAndWhy()
    {
        string json = LoadReport.Json(Bad);
        Assert.Contains("\"failures\":{\"HTTP 429 queue_full\":1}", json, StringComparison.Ordinal);
        Assert.Contains("\"time_to_first_token_ms\":{\"p50\":null", json, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteTable_NoTerminal_IsWholeLinesWithoutColours()
    {
        using StringWriter text = new();
        LoadReport.WriteTable(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) }), [Good, Bad]);
        string table = text.ToString();
        Assert.DoesNotContain('\u001b', table);
        Assert.Contains("8 16 0 128 64.0 512 10.0/20.5/30.0 1.25/2.00/3.00", Regex.Replace(table, " +", " "), StringComparison.Ordinal);
        Assert.Contains("–/–/–", table, StringComparison.Ordinal);
        Assert.All(table.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        Assert.Contains("32 in flight: 1 failed: HTTP 429 queue_full", table, StringComparison.Ordinal);
    }
}
