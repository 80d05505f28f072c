using System.CommandLine;
using LocalInference.Quantize.Conversion;

namespace LocalInference.Quantize.Commands;

/// <summary>The options that say what models are measured on.</summary>
internal sealed class EvaluationArguments
{
    private readonly Option<int?> _tokens = NumberOption.Create<int>(
        "--report-tokens",
        "Tokens that the loss is measured on at most, of this tool's own texts or, for tokenizers that have not learned "
        + $"from text, of random ids; 0 measures the weights only. Default: {EvaluationChoice.DefaultTokens}, "
        + $"{EvaluationChoice.LargeModelTokens} for models above {EvaluationChoice.LargeModelWeights / 1_000_000} million weights, "
        + $"0 for random ones.",
        "0 to 1000000",
        tokens => tokens is >= 0 and <= 1_000_000);
    private readonly Option<string?> _questions = new("--questions")
    {
        Description = "Questions with answers to measure on, as JSON lines with prompt, ids, output_ids, answer and thinking. "
            + "Default: this checkout's tests/data/tiny-r1/questions.jsonl, for models whose tokenizer it is of.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _calibration = new("--calibration")
    {
        Description = $"A text (UTF-8) that gptq learns from: {EvaluationChoice.CalibrationTokens} tokens of it at most, "
            + $"{EvaluationChoice.LargeModelCalibrationTokens} for models above {EvaluationChoice.LargeModelWeights / 1_000_000} million "
            + "weights. Default: a third of the questions where there are some, else this tool's own texts (English, Chinese, code, "
            + "mathematics, dialogues with thoughts), or random ids for tokenizers that have not learned from text.",
        HelpName = "FILE",
    };

    /// <summary>The options of all commands that measure.</summary>
    public IEnumerable<Option> Options => [_tokens, _questions];

    /// <summary>The option of the command that also learns.</summary>
    public Option Calibration => _calibration;

    /// <param name="parsed">The command line.</param>
    /// <param name="isRandom">Whether the weights are random: nothing of them is worth measuring, unless asked.</param>
    public EvaluationChoice Read(ParseResult parsed, bool isRandom)
    {
        int? tokens = parsed.GetValue(_tokens) ?? (isRandom ? 0 : null);
        string? questions = parsed.GetValue(_questions);
        if (questions is not null && !File.Exists(questions))
            throw new QuantizeException($"--questions: the file '{questions}' does not exist.");
        return new EvaluationChoice(tokens, questions);
    }

    /// <summary>Adds what a method learns from.</summary>
    public EvaluationChoice Read(ParseResult parsed, bool isRandom, MethodName method)
    {
        string? calibration = parsed.GetValue(_calibration);
        if (calibration is not null && method != MethodName.Gptq)
            throw new QuantizeException(
                $"--calibration: the method {method.ToString().ToLowerInvariant()} learns from no text. "
                + "Add --method gptq, or leave the option out.");
        if (calibration is not null && !File.Exists(calibration))
            throw new QuantizeException($"--calibration: the file '{calibration}' does not exist.");
        return Read(parsed, isRandom) with { Calibration = calibration };
    }
}
