using System.CommandLine;
using System.Globalization;
using LocalInference.Onnx;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Folders;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Quantize.Commands;

/// <summary><c>compare A B</c>: how far B's logits are from A's.</summary>
internal sealed class CompareCommand
{
    private readonly Argument<string> _reference = new Argument<string>("A")
    {
        Description = "The reference: a model folder, or a checkpoint (run in fp32).",
    }.WithoutOptions();
    private readonly Argument<string> _other = new Argument<string>("B")
    {
        Description = "What is compared with it: a model folder or a checkpoint.",
    }.WithoutOptions();
    private readonly EvaluationArguments _evaluation = new();

    public static Command Create()
    {
        CompareCommand compare = new();
        Command command = new(
            "compare",
            "Measures how far one model is from another: KL divergence, agreement on the likeliest token, perplexity, and exact answers.");
        command.Add(compare._reference);
        command.Add(compare._other);
        foreach (Option option in compare._evaluation.Options)
            command.Add(option);
        command.SetAction((parsed, cancelled) => Task.Run(() => Running.Guard(parsed, () => compare.Run(parsed, cancelled), cancelled)));
        return command;
    }

    private void Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        string reference = parsed.GetValue(_reference)!, other = parsed.GetValue(_other)!;
        int vocabulary = VocabularyOf(reference);
        EvaluationText text = _evaluation.Read(parsed, isRandom: false).Text(reference, vocabulary, 0)
            ?? throw new QuantizeException("--report-tokens is 0: compare has nothing to measure on. Leave it out, or name 1 or more.");
        using ILogitSource a = Open(reference, text, cancellationToken), b = Open(other, text, cancellationToken);
        LogitComparison result;
        using (ProgressBar progress = parsed.Progress()(text.Sequences.Sum(s => s.Length)))
            result = LogitComparison.Of(a, b, text.Sequences, progress.Add, cancellationToken);
        Print($"{result.Tokens} tokens ({text.Description})");
        Print($"KL divergence (A ‖ B)       {result.MeanKl:G4} nats on average, {result.LargestKl:G4} at most");
        Print($"same likeliest token        {result.TopAgreement:P2}");
        Print($"perplexity                  A {result.ReferencePerplexity:G6}, B {result.Perplexity:G6}");
        foreach ((string name, ILogitSource source) in new[] { ("A", a), ("B", b) })
            if (text.Questions is { Count: > 0 } questions && source is FolderLogits folder)
                Print($"exact answers               {name} {folder.CountRight(questions, cancellationToken)} of {questions.Count}");

        void Print(FormattableString line) => parsed.Output().WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static int VocabularyOf(string folder)
    {
        if (GenAiConfigFile.IsIn(folder))
            return OnnxModel.Load(folder, new OnnxModelOptions(), NullLogger.Instance).Served.VocabularySize;
        using ModelSource source = ModelSource.Open(folder);
        return source.Config.VocabularySize;
    }

    private static ILogitSource Open(string folder, EvaluationText text, CancellationToken cancellationToken)
    {
        if (GenAiConfigFile.IsIn(folder))
            return new FolderLogits(folder, text.Sequences, text.Questions.Count > 0);
        return CheckpointLogits.Open(folder, text.Sequences, cancellationToken);
    }
}
