using System.IO.Compression;
using System.Text.Json;
using LocalInference.Text.Tokenization;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Bench.Tokenization;

/// <summary>
/// The library's own byte-level BPE behind our splitter, which it needs to give the right ids; ours is measured against it.
/// </summary>
internal static class LibraryBpe
{
    /// <param name="file">A tokenizer.json, plain or gzip.</param>
    /// <param name="ours">The same file, read by ours.</param>
    public static BpeTokenizer Create(string file, ByteLevelBpeTokenizer ours)
    {
        using JsonDocument json = Read(file);
        JsonElement model = json.RootElement.GetProperty("model");
        var vocabulary = model.GetProperty("vocab").EnumerateObject();
        BpeOptions options = new(vocabulary.Select(token => KeyValuePair.Create(token.Name, token.Value.GetInt32())))
        {
            Merges = model.GetProperty("merges").EnumerateArray().Select(MergeOf),
            ByteLevel = true,
            PreTokenizer = ours.PreTokenizer,
            Normalizer = ours.Normalizer,
            SpecialTokens = json.RootElement.GetProperty("added_tokens").EnumerateArray()
                .ToDictionary(token => token.GetProperty("content").GetString()!, token => token.GetProperty("id").GetInt32()),
        };
        return BpeTokenizer.Create(options);
    }

    private static string MergeOf(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0].GetString()} {merge[1].GetString()}";

    private static JsonDocument Read(string file)
    {
        using FileStream stream = File.OpenRead(file);
        if (!file.EndsWith(".gz", StringComparison.Ordinal)) return JsonDocument.Parse(stream);
        using GZipStream plain = new(stream, CompressionMode.Decompress);
        return JsonDocument.Parse(plain);
    }
}
