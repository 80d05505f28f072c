using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LocalInference.Onnx.Models;
using LocalInference.Quantize.Evaluation;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Conversion;

/// <summary>What quantising cost: each tensor's error, and how far the folder's logits are from the checkpoint's.</summary>
internal sealed class QuantizationReport
{
    public const string FileName = "quantization-report.json";

    private const int MemoryShare = 4;

    private readonly ConversionOptions _options;
    private readonly QuantizedJob[] _jobs;
    private LogitComparison? _logits;
    private string? _notMeasured;
    private bool _isReadBack;
    private int? _right;
    private int _recordedRight;

    private QuantizationReport(ConversionOptions options, WeightPlan plan)
    {
        _options = options;
        _jobs = [.. plan.Jobs.OfType<QuantizedJob>().OrderBy(j => j.Group)];
    }

    /// <summary>How far the logits are apart; null where it was not measured.</summary>
    public LogitComparison? Logits => _logits;

    /// <summary>Questions answered rightly; null where there were none.</summary>
    public int? Right => _right;

    /// <summary>Runs checkpoint and folder over the evaluation text.</summary>
    public static QuantizationReport Measure(
        ModelSource source, ConversionOptions options, WeightPlan plan, string folder, Func<long, ProgressBar> makeProgress,
        CancellationToken cancellationToken)
    {
        var report = new QuantizationReport(options, plan);
        if (options.Evaluation is not { } text)
        {
            report._notMeasured = "--report-tokens 0";
            return report;
        }
        using var checkpoint = new CheckpointLogits(source, options.MultipliesAuthorsFactor, text.Sequences, cancellationToken);
        // A model that takes much of the memory is read back tensor by tensor; others run as they are served.
        if (plan.Length > options.MemoryBytes / MemoryShare)
            report.MeasureStored(source, checkpoint, text, folder, makeProgress, cancellationToken);
        else
            report.MeasureServed(checkpoint, text, folder, makeProgress, cancellationToken);
        return report;
    }

    private void MeasureServed(ILogitSource checkpoint, EvaluationText text, string folder, Func<long, ProgressBar> makeProgress,
        CancellationToken cancellationToken)
    {
        try
        {
            using var made = new FolderLogits(folder, text.Sequences, text.Questions.Count > 0);
            Compare(checkpoint, made, text, makeProgress, cancellationToken);
            if (text.Questions.Count == 0)
                return;
            _right = made.CountRight(text.Questions, cancellationToken);
            _recordedRight = text.Questions.Count(q => q.RecordedIsRight);
        }
        catch (ModelFolderException e)
        {
            // Folders for GPUs: their weights are measured, their logits are another machine's matter.
            _notMeasured = e.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        }
    }

    private void MeasureStored(
        ModelSource source, ILogitSource checkpoint, EvaluationText text, string folder, Func<long, ProgressBar> makeProgress,
        CancellationToken cancellationToken)
    {
        using var stored = new StoredWeightSource(source.Weights, _jobs, Path.Combine(folder, GraphBuilder.DataFileName));
        using var made = new CheckpointLogits(source, stored, _options.MultipliesAuthorsFactor, text.Sequences, cancellationToken);
        Compare(checkpoint, made, text, makeProgress, cancellationToken);
        _isReadBack = true;
    }

    private void Compare(ILogitSource checkpoint, ILogitSource made, EvaluationText text, Func<long, ProgressBar> makeProgress,
        CancellationToken cancellationToken)
    {
        using ProgressBar progress = makeProgress(text.Sequences.Sum(s => s.Length));
        _logits = LogitComparison.Of(checkpoint, made, text.Sequences, progress.Add, cancellationToken);
    }

    /// <summary>Writes the report into the folder.</summary>
    public void Write(OutputFolder folder) => folder.Write(FileName, Json());

    /// <summary>The report for people.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine("tensors                                          bits block   relative error   largest error");
        foreach (IGrouping<string, QuantizedJob> kind in _jobs.GroupBy(KindOf))
            text.AppendLine(
                Invariant($"{kind.Key,-48} {kind.First().Format.Bits,4} {kind.First().Format.BlockSize,5} ")
                + Invariant($"{kind.Average(j => j.Error.Relative),16:P2} {kind.Max(j => j.Error.Largest),15:G3}"));
        if (_options.Calibration is { } learned)
            text.AppendLine($"{_options.Method.ToString().ToLowerInvariant()} learned from {learned.Description}");
        if (_logits is { } logits)
        {
            text.AppendLine(
                $"logits over {logits.Tokens} tokens ({_options.Evaluation!.Description}), against the checkpoint in fp32; {Computed}:");
            text.AppendLine(
                Invariant($"  KL divergence {logits.MeanKl:G4} nats on average, {logits.LargestKl:G4} at most; ")
                + Invariant($"same likeliest token {logits.TopAgreement:P2}"));
            text.AppendLine(Invariant($"  perplexity {logits.Perplexity:G5}, the checkpoint's {logits.ReferencePerplexity:G5}"));
        }
        else
            text.AppendLine($"logits: not measured ({_notMeasured})");
        if (_right is { } right)
            text.AppendLine($"exact answers: {right} of {_options.Evaluation!.Questions.Count}, the checkpoint's {_recordedRight}");
        return text.ToString();
    }

    private string Computed => _isReadBack ? "stored weights in fp32, for the model takes more than a quarter of this machine's memory"
        : "as this server runs the folder";

    private JsonObject Json() => new()
    {
        ["method"] = _options.Method.ToString().ToLowerInvariant(),
        ["tensors"] = new JsonArray([.. _jobs.Select(j => (JsonNode)new JsonObject
        {
            ["name"] = j.Name, ["bits"] = j.Format.Bits, ["block_size"] = j.Format.BlockSize, ["symmetric"] = j.Format.IsSymmetric,
            ["error_rms"] = j.Error.Rms, ["error_relative"] = j.Error.Relative, ["error_max"] = j.Error.Largest,
        })]),
        ["calibration"] = _options.Calibration?.Description,
        ["text"] = _options.Evaluation?.Description,
        ["logits"] = _logits is null ? null : new JsonObject
        {
            ["tokens"] = _logits.Tokens, ["kl_mean"] = _logits.MeanKl, ["kl_max"] = _logits.LargestKl,
                ["top1_agreement"] = _logits.TopAgreement,
            ["computed"] = Computed, ["perplexity"] = _logits.Perplexity, ["perplexity_checkpoint"] = _logits.ReferencePerplexity,
        },
        ["not_measured"] = _notMeasured,
        ["answers"] = _right is null ? null : new JsonObject { ["questions"] = _options.Evaluation!.Questions.Count, ["right"] = _right,
            ["right_checkpoint"] = _recordedRight },
    };

    /// <summary>A tensor's name without its layer.</summary>
    private static string KindOf(QuantizedJob job)
    {
        string[] stems = [.. job.Name.Split(" | ").Select(n =>
            string.Join('.', n.Split('.').SkipWhile(p => p is "model" or "layers"
            || int.TryParse(p, CultureInfo.InvariantCulture, out _))))];
        return string.Join(" | ", stems.Select(s => s.Replace(".weight", "", StringComparison.Ordinal).Replace("self_attn.", "",
            StringComparison.Ordinal)))
            + (job.Group >= 0 && stems[0].Contains("proj", StringComparison.Ordinal) ? $" ({job.Format.Bits} bits)" : "");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
