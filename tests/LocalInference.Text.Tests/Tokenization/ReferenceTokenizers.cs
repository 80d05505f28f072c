using System.Collections.Concurrent;
using System.Text.Json;
using LocalInference.Testing;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>The five published tokenizers and their recorded vectors; each is loaded once for all tests.</summary>
internal static class ReferenceTokenizers
{
    private static readonly ConcurrentDictionary<string, ByteLevelBpeTokenizer> Loaded = [];

    public static IEnumerable<string> Names => ["deepseek-llm", "deepseek-coder", "qwen2", "llama-bpe", "deepseek-v3"];

    public static TheoryData<string> All => [.. Names];

    public static string FolderOf(string name) => ReferenceData.PathOf("tokenizers", name);

    public static ByteLevelBpeTokenizer Get(string name)
    {
        string folder = FolderOf(name);
        return Loaded.GetOrAdd(name, _ => ByteLevelBpeTokenizer.Load(folder));
    }

    public static IEnumerable<Vector> VectorsOf(string name)
    {
        foreach (string line in File.ReadLines(Path.Combine(FolderOf(name), "vectors.jsonl")))
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            string decoded = Optional(row, "decoded_literal") ?? row.GetProperty("decoded").GetString()!;
            yield return new Vector(
                row.GetProperty("text").GetString()!,
                [.. row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())],
                decoded,
                Optional(row, "decoded_skip") ?? decoded);
        }
    }

    private static string? Optional(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    /// <summary>A recorded text.</summary>
    public sealed record Vector(string Text, int[] Ids, string Decoded, string DecodedWithoutSpecial);
}
