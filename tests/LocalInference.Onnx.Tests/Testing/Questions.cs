using System.Text.Json;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>tiny-r1's questions as token ids, with what onnxruntime-genai answers.</summary>
internal static class Questions
{
    public const int EndToken = 2032;

    public static IReadOnlyList<(int[] Prompt, int[] Answer)> All { get; } =
        [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "outputs-int4.jsonl")).Select(Read)];

    private static (int[] Prompt, int[] Answer) Read(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return (Ids(document.RootElement, "ids"), Ids(document.RootElement, "output_ids"));
    }

    private static int[] Ids(JsonElement line, string name) => [.. line.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];
}
