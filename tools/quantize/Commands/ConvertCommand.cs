using System.CommandLine;
using LocalInference.Quantize.Chance;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Commands;

/// <summary>The program's main work: a checkpoint, or random weights, to a served folder.</summary>
internal sealed class ConvertCommand
{
    private readonly Argument<string[]> _paths = new Argument<string[]>("PATHS")
    {
        Description = "CHECKPOINT OUT: a Hugging Face checkpoint folder and the folder to make; with --random only OUT.",
        Arity = new ArgumentArity(0, 2),
    }.WithoutOptions();
    private readonly Option<string?> _random = new("--random")
    {
        Description = "In place of CHECKPOINT: random weights of a real configuration. NAME is one of "
            + $"{string.Join(", ", RandomModel.All.Select(m => m.Name))}.",
        HelpName = "NAME",
    };
    private readonly Option<ulong?> _seed = NumberOption.Create<ulong>(
        "--seed", "With --random: another seed gives other weights. Default: 0.", $"0 to {ulong.MaxValue}", _ => true);
    private readonly Option<bool> _checkpoint = new("--checkpoint")
    {
        Description = "With --random: write a checkpoint (bf16, two shards) in place of a served folder.",
    };
    private readonly Option<bool> _force = new("--force") { Description = "Replace OUT where it is a model folder already." };
    private readonly PrecisionArguments _precision = new();
    private readonly EvaluationArguments _evaluation = new();

    /// <summary>Adds arguments and action to the root command.</summary>
    public static void AddTo(RootCommand root, IDisk disk)
    {
        ConvertCommand convert = new();
        root.Add(convert._paths);
        foreach (Option option in (Option[])[convert._random, convert._seed, convert._checkpoint, convert._force,
            .. convert._precision.Options, .. convert._evaluation.Options, convert._evaluation.Calibration])
            root.Add(option);
        root.SetAction((parsed, cancelled) => Task.Run(() => Running.Guard(parsed, () => convert.Run(parsed, disk, cancelled), cancelled)));
    }

    private void Run(ParseResult parsed, IDisk disk, CancellationToken cancellationToken)
    {
        string[] paths = parsed.GetValue(_paths) ?? [];
        string? random = parsed.GetValue(_random);
        int wanted = random is null ? 2 : 1;
        if (paths.Length != wanted)
            throw new QuantizeException(
                $"{paths.Length} folders are named; expected: {(random is null ? "CHECKPOINT OUT" : "--random NAME OUT")}. "
                + "See ./scripts/quantize --help.");
        if (parsed.GetValue(_checkpoint) && random is null)
            throw new QuantizeException("--checkpoint writes random weights: it goes with --random NAME.");
        ConversionOptions options = _precision.Read(parsed);
        EvaluationChoice evaluation = _evaluation.Read(parsed, random is not null, options.Method);
        RandomModel? model = random is null ? null : RandomModel.Find(random);
        if (model is null && Path.GetFullPath(paths[0]) == Path.GetFullPath(paths[1]))
            throw QuantizeException.At(paths[1], "is both the checkpoint and the folder to be made", "Name another folder");
        using var output = new AtomicFolder(paths[^1], parsed.GetValue(_force), disk);
        foreach (string sentence in output.Cleared)
            parsed.InvocationConfiguration.Error.WriteLine(sentence);
        if (model is null)
        {
            using ModelSource source = ModelSource.Open(paths[0]);
            Convert(source, output, options, evaluation, parsed, cancellationToken);
        }
        else if (parsed.GetValue(_checkpoint))
            WriteCheckpoint(model, parsed, output, cancellationToken);
        else
            ConvertRandom(model, output, options, evaluation, parsed, cancellationToken);
    }

    private void WriteCheckpoint(RandomModel model, ParseResult parsed, AtomicFolder output, CancellationToken cancellationToken)
    {
        using ModelSource made = model.Make(parsed.GetValue(_seed) ?? 0, output.Content);
        var writer = new CheckpointWriter(made.Weights);
        using (ProgressBar progress = parsed.Progress()(writer.ElementCount))
            writer.Write(output.Content, progress.Add, cancellationToken);
        output.Complete();
    }

    private void ConvertRandom(RandomModel model, AtomicFolder output, ConversionOptions options, EvaluationChoice evaluation,
        ParseResult parsed, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("localinference-random-").FullName;
        try
        {
            using ModelSource source = model.Make(parsed.GetValue(_seed) ?? 0, new OutputFolder(folder, new LocalDisk()));
            Convert(source, output, options, evaluation, parsed, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Convert(ModelSource source, AtomicFolder output, ConversionOptions options, EvaluationChoice evaluation,
        ParseResult parsed, CancellationToken cancellationToken)
    {
        options = evaluation.Apply(source, options);
        WeightPlan plan = new Converter(source, options).Write(output.Content, parsed.Progress(), cancellationToken);
        QuantizationReport report = QuantizationReport.Measure(source, options, plan, output.Content.Path, parsed.Progress(),
            cancellationToken);
        report.Write(output.Content);
        output.Complete();
        parsed.Output().Write(report.Table());
    }
}
