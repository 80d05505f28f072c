using System.CommandLine;
using System.Text.Json;
using LocalInference.Bench.Load;
using Spectre.Console;

namespace LocalInference.Bench.Tokenization;

/// <summary><c>bench text</c>: how fast our tokeniser is, beside the library's.</summary>
internal sealed class TextCommand
{
    private const int TextBytes = 64 << 10;

    private readonly Option<string?> _tokenizers = new("--tokenizers")
    {
        Description = "Folder whose folders hold a tokenizer.json (or .json.gz) each. Default: tokenizers in the folder that "
            + "LOCALINFERENCE_REFERENCE names, else shared/reference/tokenizers beside the checkout. models/tiny-r1 is always "
            + "measured too.",
        HelpName = "FOLDER",
    };
    private readonly Option<string?> _only = new("--only")
    {
        Description = "Tokenizers to measure, by folder name, with commas. Default: all.",
        HelpName = "NAME,NAME,…",
    };
    private readonly Option<int> _rounds = LoadOptions.Number("--rounds", 25, 1, 1000,
        "Rounds that count, of each tokenizer and text; those of a little more than half a second before them do not.");
    private readonly Option<int> _seed = LoadOptions.Number("--seed", 1, 0, 1_000_000, "The same seed gives the same texts.");
    private readonly Option<bool> _json = new("--json")
    {
        Description = "One JSON object per result on standard output in place of the tables.",
    };

    public static Command Create()
    {
        TextCommand text = new();
        Command command = new(
            "text",
            "Measures our byte-level BPE against the library's (Microsoft.ML.Tokenizers) behind our splitter, turn by turn in one run: "
            + "encoding English, Chinese and code (taken from this checkout or made by a seed, a new text each round), decoding, loading; "
            + "and that a megabyte of the same takes about twice as long as half of it.");
        foreach (Option option in (Option[])[text._tokenizers, text._only, text._rounds, text._seed, text._json]) command.Add(option);
        command.SetAction(text.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        try
        {
            Measure(parsed);
            return 0;
        }
        catch (Exception e) when (e is BenchException or InvalidDataException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private void Measure(ParseResult parsed)
    {
        string checkout = Checkout.Root()
            ?? throw new BenchException("This program was moved out of its checkout, whose sources are the texts: run it there.");
        int seed = parsed.GetValue(_seed);
        EncodeMeasurement measurement = new(new TextSource(checkout, seed, TextBytes), parsed.GetValue(_rounds));
        WorstCases worstCases = new(seed);
        List<EncodeResult> encoded = [];
        List<DecodeResult> decoded = [];
        List<WorstCaseResult> worst = [];
        string[]? names = parsed.GetValue(_only)?.Split(',');
        foreach ((string name, string file) in TokenizerFinder.Find(checkout, parsed.GetValue(_tokenizers), names))
        {
            Console.Error.WriteLine($"{name} …");
            TokenizerCase tokenizer = TokenizerCase.Load(name, file);
            foreach (TextKind kind in Enum.GetValues<TextKind>()) encoded.Add(measurement.Encode(tokenizer, kind));
            decoded.Add(measurement.Decode(tokenizer));
            foreach ((string text, string value) in worstCases.Texts) worst.Add(worstCases.Run(tokenizer, text, value));
        }

        if (!parsed.GetValue(_json))
        {
            TextReport.Write(AnsiConsole.Console, encoded, decoded, worst);
            return;
        }

        encoded.ForEach(r => Console.Out.WriteLine(JsonSerializer.Serialize(r, TextJson.Default.EncodeResult)));
        decoded.ForEach(r => Console.Out.WriteLine(JsonSerializer.Serialize(r, TextJson.Default.DecodeResult)));
        worst.ForEach(r => Console.Out.WriteLine(JsonSerializer.Serialize(r, TextJson.Default.WorstCaseResult)));
    }
}
