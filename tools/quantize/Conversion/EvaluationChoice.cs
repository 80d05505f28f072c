using System.Text;
using LocalInference.Quantize.Evaluation;

namespace LocalInference.Quantize.Conversion;

/// <summary>What models are measured on, and what a method learns from, as far as it was said.</summary>
/// <param name="Tokens">How much is measured on; null for the default.</param>
/// <param name="Questions">A file to be measured on; null for the default.</param>
/// <param name="Calibration">A text to learn from; null for the default.</param>
internal sealed record EvaluationChoice(int? Tokens, string? Questions, string? Calibration = null)
{
    public const int DefaultTokens = 2000;
    public const int LargeModelTokens = 250;
    public const long LargeModelWeights = 200_000_000;

    /// <summary>What is learned from at most: activations of all these tokens lie in memory, and a large model's take time.</summary>
    public const int CalibrationTokens = 8192;
    public const int LargeModelCalibrationTokens = 2048;

    private const int EvaluationSeed = 1;
    private const int CalibrationSeed = 2;
    private const int RandomCalibrationTokens = 2000;

    private static readonly string[] QuestionsOfCheckout = ["tests", "data", "tiny-r1", "questions.jsonl"];

    /// <summary>The text for models of a vocabulary; null where nothing is to be measured.</summary>
    /// <param name="tokenizerFolder">The model's.</param>
    /// <param name="vocabulary">Its logits.</param>
    /// <param name="weights">Its size, which decides the default.</param>
    public EvaluationText? Text(string tokenizerFolder, int vocabulary, long weights)
    {
        if (Tokens == 0)
            return null;
        ModelTokenizer? tokenizer = ModelTokenizer.TryLoad(tokenizerFolder, out string? whyNot);
        if (Questions is not null)
            return (tokenizer is null ? throw new QuantizeException($"--questions: {whyNot}") : EvaluationText.Read(Questions, tokenizer))
                ?? throw QuantizeException.At(Questions, "the first question's ids are not what this model's tokenizer makes of its prompt",
                    "Name questions of this model");
        if (tokenizer is not null && Tokens is null && FindQuestions() is { } found
            && EvaluationText.Read(found, tokenizer) is { } ofCheckout)
            return ofCheckout;
        int tokens = Tokens ?? (weights > LargeModelWeights ? LargeModelTokens : DefaultTokens);
        return tokenizer is not null && OwnTexts.Suit(tokenizer, vocabulary)
            ? OwnTexts.ForMeasuring(tokenizer, vocabulary, tokens)
            : EvaluationText.Random(vocabulary, tokens, EvaluationSeed);
    }

    /// <summary>Adds what a conversion is measured on, and what it learns from where its method learns: never the same.</summary>
    public ConversionOptions Apply(ModelSource source, ConversionOptions options)
    {
        long weights = source.Weights.Names.Sum(source.Weights.ElementCount);
        EvaluationText? text = Text(source.Folder, source.Config.VocabularySize, weights);
        // All methods are measured on the same part, so that their reports can be compared.
        return options with
        {
            Evaluation = text?.WithoutCalibration(),
            Calibration = options.Method == MethodName.Gptq ? Learned(source, text, weights) : null,
        };
    }

    private CalibrationText Learned(ModelSource source, EvaluationText? measured, long weights)
    {
        int most = weights > LargeModelWeights ? LargeModelCalibrationTokens : CalibrationTokens, vocabulary = source.Config.VocabularySize;
        ModelTokenizer? tokenizer = ModelTokenizer.TryLoad(source.Folder, out string? whyNot);
        if (Calibration is not null)
            return tokenizer is null
                ? throw new QuantizeException($"--calibration: {whyNot}")
                : CalibrationText.Of(Path.GetFileName(Calibration), [ReadText(Calibration)], tokenizer, vocabulary, most);
        if (measured is { Questions.Count: > 0 })
            return measured.ForCalibration();
        if (tokenizer is not null && OwnTexts.Suit(tokenizer, vocabulary))
            return OwnTexts.ForLearning(tokenizer, vocabulary, most);
        EvaluationText random = EvaluationText.Random(vocabulary, RandomCalibrationTokens, CalibrationSeed);
        return new CalibrationText(random.Description, random.Sequences);
    }

    private static string ReadText(string path)
    {
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
            return string.IsNullOrWhiteSpace(text) ? throw QuantizeException.At(path, "is empty; expected: a text to learn from",
                "Name another file") : text;
        }
        catch (DecoderFallbackException e)
        {
            throw QuantizeException.At(path, $"is no UTF-8 ({e.Message.TrimEnd('.')}); expected: a text",
                "Name another file, or convert it", e);
        }
    }

    private static string? FindQuestions()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine([folder.FullName, .. QuestionsOfCheckout]) is var path && File.Exists(path))
                return path;
        return null;
    }
}
