using System.Text.Json;
using LocalInference.Testing;

namespace LocalInference.Host.Tests;

/// <summary>The 300 questions that tiny-r1 is judged by.</summary>
internal sealed record Question(JsonElement Messages, JsonElement Tools, bool Thinking, JsonElement Ids, string Answer, int[] GoldenIds)
{
    public static IReadOnlyList<Question> All { get; } = Load();

    private static List<Question> Load()
    {
        string folder = Path.Combine(Repository.Root, "tests", "data", "tiny-r1");
        return [.. File.ReadLines(Path.Combine(folder, "questions.jsonl")).Zip(File.ReadLines(Path.Combine(folder, "outputs-int4.jsonl")), Parse)];
    }

    private static Question Parse(string question, string output)
    {
        JsonElement q = JsonSerializer.Deserialize<JsonElement>(question), o = JsonSerializer.Deserialize<JsonElement>(output);
        return new(
            q.GetProperty("messages"), q.GetProperty("tools"), q.GetProperty("thinking").GetBoolean(), q.GetProperty("ids"),
            q.GetProperty("answer").GetString()!, o.GetProperty("output_ids").Deserialize<int[]>()!);
    }
}
