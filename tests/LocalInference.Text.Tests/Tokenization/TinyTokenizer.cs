using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Tokenization;

/// <summary>Hand-written tokenizer.json files: one letter a token, and whatever a test changes.</summary>
internal static class TinyTokenizer
{
    /// <summary>A file whose vocabulary is the given tokens in order.</summary>
    public static JsonObject Json(params string[] tokens)
    {
        var vocabulary = new JsonObject();
        foreach (string token in tokens) vocabulary[token] = vocabulary.Count;
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}"""),
            ["post_processor"] = null,
            ["decoder"] = JsonNode.Parse("""{"type": "ByteLevel"}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }

    /// <summary>A file with a token for each printable ASCII letter, and a space.</summary>
    public static JsonObject Ascii() => Json([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => ((char)c).ToString()), "Ġ", "Ċ"]);

    public static JsonObject With(this JsonObject json, string key, string value)
    {
        json[key] = JsonNode.Parse(value);
        return json;
    }

    public static JsonObject WithModel(this JsonObject json, string key, string value)
    {
        json["model"]![key] = JsonNode.Parse(value);
        return json;
    }

    /// <summary>Adds an added token with the next free id.</summary>
    public static JsonObject Adding(this JsonObject json, string content, int id, params string[] flags)
    {
        var token = new JsonObject { ["id"] = id, ["content"] = content };
        foreach (string name in (string[])["special", "lstrip", "rstrip", "single_word", "normalized"]) token[name] = flags.Contains(name);
        json["added_tokens"]!.AsArray().Add(token);
        return json;
    }

    public static ByteLevelBpeTokenizer Load(this JsonObject json, bool zipped = false)
    {
        using var folder = new TemporaryFolder();
        string text = json.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        if (!zipped)
        {
            File.WriteAllText(folder.File("tokenizer.json"), text);
            return ByteLevelBpeTokenizer.Load(folder.Path);
        }

        using (var stream = new GZipStream(File.Create(folder.File("tokenizer.json.gz")), CompressionLevel.Fastest))
        using (var writer = new StreamWriter(stream))
            writer.Write(text);
        return ByteLevelBpeTokenizer.Load(folder.Path);
    }

    /// <summary>The tokens of a text, as the file spells them.</summary>
    public static string[] Tokens(this ByteLevelBpeTokenizer tokenizer, string text) =>
        [.. tokenizer.EncodeToTokens(text, out _).Select(token => token.Value)];

    public static int[] Ids(this ByteLevelBpeTokenizer tokenizer, string text, bool addedTokens = true)
    {
        var output = new TokenBuffer();
        tokenizer.Encode(text, addedTokens, output);
        return output.ToArray();
    }
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
