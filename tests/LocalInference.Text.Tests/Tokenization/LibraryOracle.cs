using System.Text.Json;
using LocalInference.Text.Tokenization;
using Microsoft.ML.Tokenizers;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>The library's own byte-level BPE behind our pre-tokeniser: slow on long pieces, but somebody else's merging.</summary>
internal static class LibraryOracle
{
    public static BpeTokenizer Create(string name, ByteLevelBpeTokenizer tokenizer)
    {
        using JsonDocument json = JsonFiles.Read(ReferenceTokenizers.FolderOf(name));
        JsonElement model = json.RootElement.GetProperty("model");
        var added = json.RootElement.GetProperty("added_tokens").EnumerateArray()
            .ToDictionary(token => token.GetProperty("content").GetString()!, token => token.GetProperty("id").GetInt32());
        return BpeTokenizer.Create(new BpeOptions(model.GetProperty("vocab").EnumerateObject().Select(token => KeyValuePair.Create(token.Name, token.Value.GetInt32())))
        {
            Merges = model.GetProperty("merges").EnumerateArray().Select(MergeOf),
            ByteLevel = true,
            PreTokenizer = tokenizer.PreTokenizer,
            Normalizer = tokenizer.Normalizer,
            SpecialTokens = added,
        });
    }

    private static string MergeOf(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0].GetString()} {merge[1].GetString()}";
}
