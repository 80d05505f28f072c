using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace LocalInference.Bench.Load;

/// <summary>Shows the levels' results.</summary>
internal static class LoadReport
{
    /// <summary>Wide enough for the whole table where no terminal says how wide it is.</summary>
    private const int WidthWithoutTerminal = 160;

    /// <summary>A level as one line of JSON.</summary>
    public static string Json(LevelResult result) => JsonSerializer.Serialize(result, LoadJson.Default.LevelResult);

    /// <summary>All levels as a table, and below it why requests failed.</summary>
    public static void WriteTable(IAnsiConsole console, IReadOnlyList<LevelResult> results)
    {
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = WidthWithoutTerminal;
            console.Profile.Capabilities.Ansi = false;
            console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        }
        Table table = new() { Border = TableBorder.Rounded };
        foreach (string column in (string[])["in flight", "answered", "failed", "prompt tok", "output tok", "output tok/s", "first token ms\np50 / p95 / p99", "token gap ms\np50 / p95 / p99"])
            table.AddColumn(new TableColumn(new Text(column)) { Alignment = Justify.Right, NoWrap = true });
        foreach (LevelResult r in results)
            table.AddRow(
                new Text($"{r.Concurrency}"),
                new Text($"{r.Requests - r.Failed}"),
                new Text($"{r.Failed}", r.Failed > 0 ? new Style(Color.Red) : Style.Plain),
                new Text(Number(r.PromptTokens, "0.#")),
                new Text(Number(r.OutputTokens, "0.#")),
                new Text(Number(r.OutputTokensPerSecond, "0.0"), new Style(decoration: Decoration.Bold)),
                new Text(All(r.TimeToFirstTokenMs)),
                new Text(All(r.TokenGapMs)));
        console.Write(table);
        foreach (LevelResult r in results)
            foreach ((string reason, int count) in r.Failures)
                console.Write(new Text($"{r.Concurrency} in flight: {count} failed: {reason}{Environment.NewLine}", new Style(Color.Red)));
    }

    private static string All(Percentiles p) => $"{Number(p.P50, "0.00")} / {Number(p.P95, "0.00")} / {Number(p.P99, "0.00")}";

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
