using System.Text.Json;
using System.Text.Json.Nodes;
using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Folders;

/// <summary>The tokenizer's files of a checkpoint: copied, and asked for the ids of tokens.</summary>
internal sealed class TokenizerFiles
{
    private const string Tokenizer = "tokenizer.json";
    private const string Config = "tokenizer_config.json";

    private static readonly string[] Copied = [Tokenizer, "chat_template.jinja", "special_tokens_map.json", "added_tokens.json",
        "vocab.json", "merges.txt"];

    private readonly string _folder;
    private readonly JsonFile _tokenizer;
    private readonly JsonFile? _config;

    /// <summary>Reads the files of a folder.</summary>
    public TokenizerFiles(string folder)
    {
        _folder = folder;
        string path = Path.Combine(folder, Tokenizer), config = Path.Combine(folder, Config);
        if (!File.Exists(path))
        {
            string hint = File.Exists(Path.Combine(folder, "tokenizer.model")) ? " (tokenizer.model alone is not enough)" : "";
            throw QuantizeException.At(path, $"the file is missing{hint}", "Download the checkpoint with its tokenizer.json");
        }
        _tokenizer = JsonFile.Read(path);
        _config = File.Exists(config) ? JsonFile.Read(config) : null;
    }

    /// <summary>The id of a token by its text; null where there is none.</summary>
    public int? IdOf(string token)
    {
        foreach (JsonNode? added in _tokenizer.Json["added_tokens"] as JsonArray ?? [])
            if (added is JsonObject entry && TextOf(entry["content"]) == token)
                return Id(entry["id"], token);
        return _tokenizer.Json["model"] is JsonObject { } model && model["vocab"] is JsonObject vocabulary && vocabulary[token] is { } id
            ? Id(id, token) : null;
    }

    /// <summary>The id of a token that tokenizer_config.json names, as in <c>pad_token</c>; null where it names none.</summary>
    public int? IdOfNamed(string key) => _config?.Json[key] switch
    {
        JsonObject token => TextOf(token["content"]) is { } text ? IdOf(text) : null,
        var token => TextOf(token) is { } text ? IdOf(text) : null,
    };

    /// <summary>Copies the files; <c>model_max_length</c> becomes the model's context, as the official builder writes it.</summary>
    public void CopyTo(OutputFolder folder, int contextTokens)
    {
        foreach (string name in Copied.Where(n => File.Exists(Path.Combine(_folder, n))))
            folder.Write(name, File.ReadAllBytes(Path.Combine(_folder, name)));
        JsonNode config = _config?.Json.DeepClone() ?? new JsonObject();
        config["model_max_length"] = contextTokens;
        folder.Write(Config, config);
    }

    private static string? TextOf(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private int Id(JsonNode? node, string token) => node is JsonValue value && value.TryGetValue(out int id)
        ? id
        : throw QuantizeException.At(_tokenizer.Path,
            $"the id of token '{token}' is {node?.ToJsonString() ?? "missing"}; expected: a whole number", "Download the file again");
}
