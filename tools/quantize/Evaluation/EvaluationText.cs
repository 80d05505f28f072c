using System.Text;
using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Evaluation;

/// <summary>What models are measured (and calibrated) on: token ids, and questions with exact answers where there are some.</summary>
/// <param name="Description">For the report.</param>
/// <param name="Sequences">Token ids.</param>
/// <param name="Questions">Empty where there are none.</param>
internal sealed record EvaluationText(string Description, IReadOnlyList<int[]> Sequences, IReadOnlyList<Question> Questions)
{
    /// <summary>Ids of a sequence at most: its logits must fit memory, and longer contexts tell little more of weights.</summary>
    private const int SequenceTokens = 125;

    /// <summary>One question in so many is calibrated on, and not measured.</summary>
    private const int CalibrationShare = 3;

    /// <summary>Random ids, as the reference checkpoints are measured on.</summary>
    public static EvaluationText Random(int vocabulary, int tokens, int seed)
    {
        var chance = new Random(seed);
        int[][] sequences = [.. Enumerable.Range(0, (tokens + SequenceTokens - 1) / SequenceTokens)
            .Select(i => Enumerable.Range(0, Math.Min(SequenceTokens, tokens - (i * SequenceTokens))).Select(_ =>
                chance.Next(vocabulary)).ToArray())];
        return new EvaluationText($"{tokens} random ids, seed {seed}", sequences, []);
    }

    /// <summary>Reads questions; null where they are of another tokenizer.</summary>
    /// <param name="path">JSON lines with ids, output_ids, prompt and answer.</param>
    /// <param name="tokenizer">The model's.</param>
    public static EvaluationText? Read(string path, ModelTokenizer tokenizer)
    {
        Question[] questions = [.. File.ReadLines(path).Select((line, i) => Question.Read(path, i + 1, line))];
        if (questions.Length == 0)
            throw QuantizeException.At(path, "holds no question", "Name a file of JSON lines");
        return tokenizer.Encode(questions[0].Prompt).SequenceEqual(questions[0].Ids)
            ? new EvaluationText($"{questions.Length} questions with answers, {Path.GetFileName(path)}",
                [.. questions.Select(q => q.Whole)], questions)
            : null;
    }

    /// <summary>The part that calibration may see.</summary>
    public CalibrationText ForCalibration() =>
        new($"every third of the {Questions.Count} questions, which are not measured on",
            [.. Sequences.Where((_, i) => i % CalibrationShare == 0)]);

    /// <summary>What is left when calibration has seen its part.</summary>
    public EvaluationText WithoutCalibration() =>
        Questions.Count == 0 ? this : this with { Description = $"{Description}, without every third, which gptq learns from",
            Sequences = [.. Sequences.Where((_, i) => i % CalibrationShare != 0)] };
}

/// <summary>A question and its one right answer.</summary>
/// <param name="Prompt">As text.</param>
/// <param name="Ids">As tokens.</param>
/// <param name="OutputIds">What the checkpoint says, its end token left out.</param>
/// <param name="Answer">The right answer.</param>
/// <param name="Thinks">Whether the answer stands behind a thought.</param>
/// <param name="Output">What the checkpoint says, as text.</param>
internal sealed record Question(string Prompt, int[] Ids, int[] OutputIds, string Answer, bool Thinks, string Output)
{
    /// <summary>Whether the checkpoint itself is right.</summary>
    public bool RecordedIsRight => IsRight(Output);

    /// <summary>Question and answer as tokens.</summary>
    public int[] Whole => [.. Ids, .. OutputIds];

    /// <summary>Reads a line of a file.</summary>
    public static Question Read(string path, int number, string line)
    {
        JsonFile json = JsonFile.Parse($"{path}, line {number}", Encoding.UTF8.GetBytes(line), "Name a file of JSON lines");
        return new Question(Text("prompt"), Ids("ids"), Ids("output_ids"), Text("answer"), json.Flag("thinking"), Text("output"));

        string Text(string key) => json.Text(key) ?? throw json.Fault(key, "missing", "a text");
        int[] Ids(string key) => [.. json.Ids(key) ?? throw json.Fault(key, "missing", "a list of token ids")];
    }

    /// <summary>Whether an answer is right: as trained, what stands behind the thought is compared.</summary>
    public bool IsRight(string text) => (Thinks ? text.Split("</think>")[^1].TrimStart('\n') : text) == Answer;
}
