using System.Text.Json;
using Spectre.Console;
using static LocalInference.Bench.Tables;
using Cell = Spectre.Console.Text;

namespace LocalInference.Bench.Load;

/// <summary>Shows the levels' results.</summary>
internal static class LoadReport
{
    private static readonly string[] Columns =
    [
        "in\nflight", "ok", "failed", "prompt\ntokens", "output\ntokens", "output\ntok/s",
        "first token ms\np50/p95/p99", "token gap ms\np50/p95/p99",
    ];

    /// <summary>A level as one line of JSON.</summary>
    public static string Json(LevelResult result) => JsonSerializer.Serialize(result, LoadJson.Default.LevelResult);

    /// <summary>All levels as a table, and below it why requests failed.</summary>
    public static void WriteTable(IAnsiConsole console, IReadOnlyList<LevelResult> results)
    {
        Adapt(console);
        // No vertical lines and short figures: the whole table fits the usual 80 columns.
        Table table = new() { Border = TableBorder.Simple };
        foreach (string column in Columns)
            table.AddColumn(new TableColumn(new Cell(column)) { Alignment = Justify.Right, Padding = new Padding(0, 0, 1, 0) });
        foreach (LevelResult r in results)
            table.AddRow(
                new Cell($"{r.Concurrency}"),
                new Cell($"{r.Requests - r.Failed}"),
                new Cell($"{r.Failed}", r.Failed > 0 ? new Style(Color.Red) : Style.Plain),
                new Cell(Short(r.PromptTokens)),
                new Cell(Short(r.OutputTokens)),
                new Cell(Short(r.OutputTokensPerSecond), new Style(decoration: Decoration.Bold)),
                new Cell(All(r.TimeToFirstTokenMs)),
                new Cell(All(r.TokenGapMs)));
        console.Write(table);
        foreach (LevelResult r in results.Where(r => r.Probe is not null))
            console.Write(new Cell(Describe(r) + Environment.NewLine));
        foreach (LevelResult r in results)
            foreach ((string reason, int count) in r.Failures)
                console.Write(new Cell($"{r.Concurrency} in flight: {count} failed: {reason}{Environment.NewLine}", new Style(Color.Red)));
    }

    private static string Describe(LevelResult r) =>
        $"{r.Concurrency} in flight: GET /v1/models ms p50/p95/p99 {All(r.Probe!.Ms)} ({r.Probe.Count} asked, {r.Probe.Failed} failed)";

    private static string All(Percentiles p) => $"{Short(p.P50)}/{Short(p.P95)}/{Short(p.P99)}";
}
