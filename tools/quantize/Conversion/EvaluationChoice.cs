using LocalInference.Quantize.Evaluation;

namespace LocalInference.Quantize.Conversion;

/// <summary>What models are measured on, as far as it was said.</summary>
/// <param name="Tokens">Random ids; null for the default.</param>
/// <param name="Questions">A file; null for the default.</param>
internal sealed record EvaluationChoice(int? Tokens, string? Questions)
{
    public const int DefaultTokens = 2000;
    public const int LargeModelTokens = 250;
    public const long LargeModelWeights = 200_000_000;

    private const int EvaluationSeed = 1;
    private const int CalibrationSeed = 2;
    private const int CalibrationTokens = 2000;

    private static readonly string[] QuestionsOfCheckout = ["tests", "data", "tiny-r1", "questions.jsonl"];

    /// <summary>The text for models of a vocabulary; null where nothing is to be measured.</summary>
    /// <param name="tokenizerFolder">The model's.</param>
    /// <param name="vocabulary">Its logits.</param>
    /// <param name="weights">Its size, which decides the default.</param>
    public EvaluationText? Text(string tokenizerFolder, int vocabulary, long weights)
    {
        if (Tokens == 0)
            return null;
        if ((Questions ?? FindQuestions()) is { } path && (Questions is not null || Tokens is null))
        {
            if (EvaluationText.Read(path, tokenizerFolder) is { } text)
                return text;
            if (Questions is not null)
                throw QuantizeException.At(path, "the first question's ids are not what this model's tokenizer makes of its prompt", "Name questions of this model");
        }
        return EvaluationText.Random(vocabulary, Tokens ?? (weights > LargeModelWeights ? LargeModelTokens : DefaultTokens), EvaluationSeed);
    }

    /// <summary>Adds what a conversion is measured on, and what it may learn from: never the same.</summary>
    public ConversionOptions Apply(ModelSource source, ConversionOptions options)
    {
        long weights = source.Weights.Names.Sum(n => source.Weights.ShapeOf(n)!.Aggregate(1L, (product, d) => product * d));
        EvaluationText? text = Text(source.Folder, source.Config.VocabularySize, weights);
        IReadOnlyList<int[]> calibration = text is { Questions.Count: > 0 }
            ? text.ForCalibration()
            : EvaluationText.Random(source.Config.VocabularySize, CalibrationTokens, CalibrationSeed).Sequences;
        // All methods are measured on the same part, so that their reports can be compared.
        return options with { Evaluation = text?.WithoutCalibration(), Calibration = calibration };
    }

    private static string? FindQuestions()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine([folder.FullName, .. QuestionsOfCheckout]) is var path && File.Exists(path))
                return path;
        return null;
    }
}
