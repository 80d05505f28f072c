using System.Globalization;
using System.Text.Json;
using LocalInference.Bench.Machine;
using Spectre.Console;
using Cell = Spectre.Console.Text;

namespace LocalInference.Bench.Step;

/// <summary>Shows a run's results, and saves them.</summary>
internal static class StepReport
{
    /// <summary>Wide enough for the whole table where no terminal says how wide it is.</summary>
    private const int WidthWithoutTerminal = 160;

    private static readonly string[] Columns = ["case", "kernels", "tok/s", "95 %", "step ms", "share of\nthe limit"];

    /// <summary>A result as one line of JSON.</summary>
    public static string Json(StepResult result) => JsonSerializer.Serialize(result, StepJson.Default.StepResult);

    /// <summary>All results as a table.</summary>
    public static void WriteTable(IAnsiConsole console, IReadOnlyList<StepResult> results)
    {
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = WidthWithoutTerminal;
            console.Profile.Capabilities.Ansi = false;
            console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        }
        Table table = new() { Border = TableBorder.Simple };
        for (int i = 0; i < Columns.Length; i++)
            table.AddColumn(new TableColumn(new Cell(Columns[i])) { Alignment = i < 2 ? Justify.Left : Justify.Right, Padding = new Padding(0, 0, 1, 0) });
        foreach (StepResult r in results)
            table.AddRow(
                new Cell(r.Case),
                new Cell(r.Kernels),
                new Cell(Short(r.TokensPerSecond), new Style(decoration: Decoration.Bold)),
                new Cell($"{Short(r.Ci95[0])}–{Short(r.Ci95[1])}"),
                new Cell(Short(r.StepMs)),
                new Cell(r.LimitShare is { } share ? share.ToString("0.00", CultureInfo.InvariantCulture) : "–"));
        console.Write(table);
    }

    /// <summary>The machine in lines of text.</summary>
    public static string Describe(MachineFacts machine) =>
        $"{machine.Processor}, {machine.Processors} processors ({string.Join(", ", machine.Instructions)}); {machine.System}; {machine.Runtime}; "
        + $"ONNX Runtime {machine.OnnxRuntime}; LocalInference {machine.LocalInference}";

    /// <summary>The machine's limits in a line of text.</summary>
    public static string Describe(MachineLimits limits) =>
        $"read {limits.ReadBytesPerSecond / 1e9:0.0} GB/s, "
        + (limits.HotKernelMultiplyAdds is { } speed ? $"hot kernel {speed / 1e9:0} GMAC/s" : "no hot kernel (this processor lacks AVX512-VNNI)")
        + $", processors {limits.State}{(limits.LineNanoseconds is { } ns ? $" ({ns:0} ns)" : "")}";

    /// <summary>A ratio in a line of text.</summary>
    public static string Describe(StepRatio ratio) =>
        FormattableString.Invariant($"{ratio.Case}: {ratio.Kernels} {ratio.Ratio:0.00} ({ratio.Ci95[0]:0.00}–{ratio.Ci95[1]:0.00})");

    /// <summary>Saves a run.</summary>
    /// <returns>The file.</returns>
    public static string Save(StepRun run, string folder, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"step-{now.UtcDateTime:yyyyMMdd-HHmmss}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(run, StepJson.Default.StepRun) + Environment.NewLine);
        return path;
    }

    // Three digits say all that a run can tell; --json has the rest.
    private static string Short(double value) => value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
