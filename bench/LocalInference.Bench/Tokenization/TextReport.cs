using Spectre.Console;
using static LocalInference.Bench.Tables;
using Cell = Spectre.Console.Text;

namespace LocalInference.Bench.Tokenization;

/// <summary>Shows the results as tables.</summary>
internal static class TextReport
{
    // What counts as linear: n log n and a machine's noise stay below.
    private const double LinearRatio = 3;

    public static void Write(
        IAnsiConsole console,
        IReadOnlyList<EncodeResult> encoded,
        IReadOnlyList<DecodeResult> decoded,
        IReadOnlyList<WorstCaseResult> worst)
    {
        Adapt(console);
        console.Write(EncodeTable(encoded));
        console.Write(DecodeTable(decoded));
        console.Write(WorstTable(worst));
    }

    private static Table EncodeTable(IReadOnlyList<EncodeResult> results)
    {
        Table table = NewTable(
            "Encoding, min/median/max of the rounds",
            "tokenizer", "text", "ours\nMB/s", "library\nMB/s", "times as fast",
            "ours bytes\nper MB", "library bytes\nper MB", "same\nids");
        foreach (EncodeResult r in results)
            table.AddRow(
                new Cell(r.Tokenizer),
                new Cell(r.Text),
                new Cell(All(r.OursMbPerSecond)),
                new Cell(All(r.LibraryMbPerSecond)),
                new Cell(All(r.Ratio), new Style(decoration: Decoration.Bold)),
                new Cell(Short(r.OursAllocatedPerMb)),
                new Cell(Short(r.LibraryAllocatedPerMb)),
                new Cell(r.SameIds ? "yes" : "no"));
        return table;
    }

    private static Table DecodeTable(IReadOnlyList<DecodeResult> results)
    {
        Table table = NewTable("Decoding and loading", "tokenizer", "ours\nMtok/s", "library\nMtok/s", "times as fast", "load\nms");
        foreach (DecodeResult r in results)
            table.AddRow(
                new Cell(r.Tokenizer), new Cell(All(r.OursMtokPerSecond)), new Cell(All(r.LibraryMtokPerSecond)),
                new Cell(All(r.Ratio), new Style(decoration: Decoration.Bold)), new Cell(Short(r.LoadMs)));
        return table;
    }

    private static Table WorstTable(IReadOnlyList<WorstCaseResult> results)
    {
        Table table = NewTable(
            "1 MB of the same, ours: a quadratic step would show as 4 times",
            "tokenizer", "text", "0.5 MB\nms", "1 MB\nms", "times");
        foreach (WorstCaseResult r in results)
            table.AddRow(
                new Cell(r.Tokenizer), new Cell(r.Text), new Cell(Short(r.HalfMs)), new Cell(Short(r.WholeMs)),
                new Cell(Short(r.Ratio), r.Ratio > LinearRatio ? new Style(Color.Red) : Style.Plain));
        return table;
    }

    private static Table NewTable(string title, params string[] columns)
    {
        Table table = new() { Border = TableBorder.Simple, Title = new TableTitle(title) };
        foreach (string column in columns)
        {
            Justify alignment = column is "tokenizer" or "text" ? Justify.Left : Justify.Right;
            table.AddColumn(new TableColumn(new Cell(column)) { Alignment = alignment });
        }

        return table;
    }

    private static string All(Spread s) => $"{Short(s.Min)}/{Short(s.Median)}/{Short(s.Max)}";
}
