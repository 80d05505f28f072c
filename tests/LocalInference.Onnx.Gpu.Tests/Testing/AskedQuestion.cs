using System.Text.Json;
using LocalInference.Testing;

namespace LocalInference.Onnx.Gpu.Tests.Testing;

/// <summary>One of the 300 questions that tiny-r1 is judged by.</summary>
/// <param name="Ids">The rendered prompt.</param>
/// <param name="Thinks">Whether the answer begins with reasoning.</param>
/// <param name="Answer">The only right answer.</param>
internal sealed record AskedQuestion(int[] Ids, bool Thinks, string Answer)
{
    public static IReadOnlyList<AskedQuestion> All { get; } =
        [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "questions.jsonl")).Select(Parse)];

    /// <summary>Whether an answer that ended by itself is the right one.</summary>
    public bool IsAnsweredBy(string text)
    {
        const string EndOfReasoning = "</think>";
        int end = text.LastIndexOf(EndOfReasoning, StringComparison.Ordinal);
        return (Thinks && end >= 0 ? text[(end + EndOfReasoning.Length)..].TrimStart('\n') : text) == Answer;
    }

    private static AskedQuestion Parse(string line)
    {
        JsonElement question = JsonSerializer.Deserialize<JsonElement>(line);
        return new(
            question.GetProperty("ids").Deserialize<int[]>()!,
            question.GetProperty("thinking").GetBoolean(),
            question.GetProperty("answer").GetString()!);
    }
}
