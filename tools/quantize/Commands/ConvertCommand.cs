using System.CommandLine;
using LocalInference.Quantize.Chance;
using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Commands;

/// <summary>The program's main work: a checkpoint, or random weights, to a served folder.</summary>
internal sealed class ConvertCommand
{
    private readonly Argument<string[]> _paths = new("PATHS")
    {
        Description = "CHECKPOINT OUT: a Hugging Face checkpoint folder and the folder to make; with --random only OUT.",
        Arity = new ArgumentArity(0, 2),
    };
    private readonly Option<string?> _random = new("--random")
    {
        Description = $"In place of CHECKPOINT: random weights of a real configuration. NAME is one of {string.Join(", ", RandomModel.All.Select(m => m.Name))}.",
        HelpName = "NAME",
    };
    private readonly Option<ulong> _seed = new("--seed") { Description = "With --random: another seed gives other weights. Default: 0.", HelpName = "N" };
    private readonly Option<bool> _checkpoint = new("--checkpoint") { Description = "With --random: write a checkpoint (bf16, two shards) in place of a served folder." };
    private readonly Option<bool> _force = new("--force") { Description = "Replace OUT where it is a model folder already." };
    private readonly PrecisionArguments _precision = new();
    private readonly EvaluationArguments _evaluation = new();

    /// <summary>Adds arguments and action to the root command.</summary>
    public static void AddTo(RootCommand root)
    {
        ConvertCommand convert = new();
        root.Add(convert._paths);
        foreach (Option option in (Option[])[convert._random, convert._seed, convert._checkpoint, convert._force, .. convert._precision.Options, .. convert._evaluation.Options])
            root.Add(option);
        root.SetAction((parsed, cancelled) => Task.Run(() => Running.Guard(() => convert.Run(parsed, cancelled), cancelled)));
    }

    private void Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        string[] paths = parsed.GetValue(_paths) ?? [];
        string? random = parsed.GetValue(_random);
        int wanted = random is null ? 2 : 1;
        if (paths.Length != wanted)
            throw new QuantizeException(
                $"{paths.Length} folders are named; expected: {(random is null ? "CHECKPOINT OUT" : "--random NAME OUT")}. See ./scripts/quantize --help.");
        if (parsed.GetValue(_checkpoint) && random is null)
            throw new QuantizeException("--checkpoint writes random weights: it goes with --random NAME.");
        ConversionOptions options = _precision.Read(parsed) with { Force = parsed.GetValue(_force) };
        EvaluationChoice evaluation = _evaluation.Read(parsed, random is not null);
        string target = paths[^1];
        if (random is not null)
            RunRandom(RandomModel.Find(random), parsed.GetValue(_seed), parsed.GetValue(_checkpoint), target, options, evaluation, cancellationToken);
        else
            RunCheckpoint(paths[0], target, options, evaluation, cancellationToken);
    }

    private static void RunCheckpoint(string checkpoint, string target, ConversionOptions options, EvaluationChoice evaluation, CancellationToken cancellationToken)
    {
        if (Path.GetFullPath(checkpoint) == Path.GetFullPath(target))
            throw QuantizeException.At(target, "is both the checkpoint and the folder to be made", "Name another folder");
        using ModelSource source = ModelSource.Open(checkpoint);
        Convert(source, target, options, evaluation, cancellationToken);
    }

    private static void RunRandom(RandomModel model, ulong seed, bool isCheckpoint, string target, ConversionOptions options, EvaluationChoice evaluation, CancellationToken cancellationToken)
    {
        if (isCheckpoint)
        {
            using var output = new AtomicFolder(target, options.Force);
            using ModelSource made = MakeRandom(model, seed, output.Path);
            var writer = new CheckpointWriter(made.Weights);
            using (ProgressBar progress = Running.Progress(writer.ElementCount))
                writer.Write(output.Path, progress.Add, cancellationToken);
            output.Complete();
            return;
        }
        string folder = Directory.CreateTempSubdirectory("localinference-random-").FullName;
        try
        {
            using ModelSource source = MakeRandom(model, seed, folder);
            Convert(source, target, options, evaluation, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ModelSource MakeRandom(RandomModel model, ulong seed, string folder)
    {
        File.WriteAllText(Path.Combine(folder, CheckpointConfig.FileName), model.Config().ToJsonString(TokenizerFiles.Readable));
        RandomTokenizer.Write(folder, model.Context);
        return ModelSource.Open(folder, config => new RandomWeights(config, model.Name, seed));
    }

    private static void Convert(ModelSource source, string target, ConversionOptions options, EvaluationChoice evaluation, CancellationToken cancellationToken)
    {
        using var output = new AtomicFolder(target, options.Force);
        options = evaluation.Apply(source, options);
        WeightPlan plan = new Converter(source, options).Write(output.Path, Running.Progress, cancellationToken);
        QuantizationReport report = QuantizationReport.Measure(source, options, plan, output.Path, Running.Progress, cancellationToken);
        report.Write(output.Path);
        output.Complete();
        Console.Out.Write(report.Table());
    }
}
