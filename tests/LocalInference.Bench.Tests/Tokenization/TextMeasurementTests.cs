using System.Text.Json;
using System.Text.RegularExpressions;
using LocalInference.Bench.Tokenization;
using LocalInference.Testing;
using Spectre.Console;

namespace LocalInference.Bench.Tests.Tokenization;

public sealed class TextMeasurementTests
{
    private static readonly TokenizerCase TinyR1 = TokenizerCase.Load("tiny-r1", Path.Combine(Repository.TinyR1, "tokenizer.json"));

    private static readonly EncodeMeasurement Measurement = new(new TextSource(Repository.Root, seed: 1, size: 4_000), rounds: 3);

    [Fact]
    public void Encode_TinyR1_GivesTheLibrarysIdsAndHardlyAllocates()
    {
        EncodeResult result = Measurement.Encode(TinyR1, TextKind.English);
        Assert.Equal(("tiny-r1", "English", true), (result.Tokenizer, result.Text, result.SameIds));
        Assert.True(result.OursMbPerSecond.Min > 0 && result.Ratio.Min <= result.Ratio.Median && result.Ratio.Median <= result.Ratio.Max);
        Assert.InRange(result.OursAllocatedPerMb, 0, result.LibraryAllocatedPerMb / 10);
    }

    [Fact]
    public void Decode_TinyR1_MeasuresBoth()
    {
        DecodeResult result = Measurement.Decode(TinyR1);
        Assert.True(result.LoadMs > 0 && result.OursMtokPerSecond.Min > 0 && result.LibraryMtokPerSecond.Min > 0);
    }

    [Fact]
    public void WorstCases_Texts_AreAMegabyteEach()
    {
        WorstCases cases = new(seed: 1);
        Assert.Equal(
            ["one letter", "spaces", "one Chinese character", "less-than signs", "random letters"], cases.Texts.Select(text => text.Name));
        Assert.All(cases.Texts, text => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(text.Text), 999_990, 1_000_000));
        WorstCaseResult result = cases.Run(TinyR1, "short", new string('a', 1000));
        Assert.Equal(result.WholeMs / result.HalfMs, result.Ratio);
    }

    [Fact]
    public void Spread_Values_AreMinMedianMax() => Assert.Equal(new Spread(1, 3, 9), Spread.Of([9, 1, 3, 2, 4]));

    private static readonly EncodeResult Encoded = new(
        "t", "Chinese", new Spread(20, 30, 40), new Spread(4, 5, 6.25), new Spread(4, 6, 8), 150, 20_000_000, SameIds: true);

    [Fact]
    public void Json_Results_HaveUnitsInTheirNames()
    {
        Assert.Equal(
            """{"result":"encode","tokenizer":"t","text":"Chinese","ours_mb_per_second":{"min":20,"median":30,"max":40},"library_mb_per_second":{"min":4,"median":5,"max":6.25}"""
            + ""","ratio":{"min":4,"median":6,"max":8},"ours_allocated_per_mb":150,"library_allocated_per_mb":20000000,"same_ids":true}""",
            JsonSerializer.Serialize(Encoded, TextJson.Default.EncodeResult));
        Assert.Equal(
            """{"result":"worst case","tokenizer":"t","text":"spaces","half_ms":2,"whole_ms":5,"ratio":2.5}""",
            JsonSerializer.Serialize(new WorstCaseResult("t", "spaces", HalfMs: 2, WholeMs: 5), TextJson.Default.WorstCaseResult));
    }

    [Fact]
    public void Write_NoTerminal_IsWholeLinesWithoutColours()
    {
        using StringWriter text = new();
        Spread one = new(1, 2, 3);
        TextReport.Write(
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) }),
            [Encoded],
            [new DecodeResult("t", LoadMs: 190, one, one, one)],
            [new WorstCaseResult("t", "spaces", HalfMs: 2, WholeMs: 8)]);
        string table = Regex.Replace(text.ToString(), " +", " ");
        Assert.DoesNotContain('\u001b', table);
        Assert.Contains("t Chinese 20.0/30.0/40.0 4.00/5.00/6.25 4.00/6.00/8.00 150 20000000 yes", table, StringComparison.Ordinal);
        Assert.Contains("t 1.00/2.00/3.00 1.00/2.00/3.00 1.00/2.00/3.00 190", table, StringComparison.Ordinal);
        Assert.Contains("t spaces 2.00 8.00 4.00", table, StringComparison.Ordinal);
    }
}
