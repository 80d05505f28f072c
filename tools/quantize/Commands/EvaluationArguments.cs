using System.CommandLine;
using LocalInference.Quantize.Conversion;

namespace LocalInference.Quantize.Commands;

/// <summary>The options that say what models are measured on.</summary>
internal sealed class EvaluationArguments
{
    private readonly Option<int?> _tokens = new("--report-tokens")
    {
        Description = $"Random ids that the loss is measured on; 0 measures the weights only. Default: {EvaluationChoice.DefaultTokens}, "
            + $"{EvaluationChoice.LargeModelTokens} for models above {EvaluationChoice.LargeModelWeights / 1_000_000} million weights, 0 for random ones.",
        HelpName = "N",
    };
    private readonly Option<string?> _questions = new("--questions")
    {
        Description = "Questions with answers to measure on in place of random ids, as JSON lines with prompt, ids, output_ids, answer and thinking. "
            + "Default: this checkout's tests/data/tiny-r1/questions.jsonl, for models whose tokenizer it is of.",
        HelpName = "FILE",
    };

    public IEnumerable<Option> Options => [_tokens, _questions];

    /// <param name="parsed">The command line.</param>
    /// <param name="isRandom">Whether the weights are random: nothing of them is worth measuring, unless asked.</param>
    public EvaluationChoice Read(ParseResult parsed, bool isRandom)
    {
        int? tokens = parsed.GetValue(_tokens) ?? (isRandom ? 0 : null);
        if (tokens is < 0 or > 1_000_000)
            throw new QuantizeException($"--report-tokens is {tokens}; allowed: 0 to 1000000.");
        string? questions = parsed.GetValue(_questions);
        if (questions is not null && !File.Exists(questions))
            throw new QuantizeException($"--questions: the file '{questions}' does not exist.");
        return new EvaluationChoice(tokens, questions);
    }
}
