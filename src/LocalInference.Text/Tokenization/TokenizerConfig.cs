using System.Text.Json;
using LocalInference.Text.Tokenization.Files;

namespace LocalInference.Text.Tokenization;

/// <summary>What <c>tokenizer_config.json</c> says about tokens; its chat template is read where templates are.</summary>
public sealed record TokenizerConfig
{
    private const string FileName = "tokenizer_config.json";

    /// <summary>What a folder without the file says: nothing.</summary>
    public static TokenizerConfig Empty { get; } = new();

    /// <summary>The text of the token that begins a document; null where there is none.</summary>
    public string? BosToken { get; init; }

    /// <summary>The text of the token that ends an answer; null where there is none.</summary>
    public string? EosToken { get; init; }

    /// <summary>Whether the tokenizer puts the BOS before a text; null where the file does not say.</summary>
    public bool? AddsBos { get; init; }

    /// <summary>Special tokens by text, from <c>added_tokens_decoder</c>.</summary>
    public IReadOnlyDictionary<string, int> AddedTokens { get; init; } = new Dictionary<string, int>();

    /// <summary>Reads the file of a folder; <see cref="Empty"/> where there is none.</summary>
    /// <exception cref="InvalidDataException">It is broken; the message names file, key, found and allowed.</exception>
    public static TokenizerConfig Load(string folder)
    {
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file)) return Empty;
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
            return Read(new JsonSection(file, "", json.RootElement));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{file}: no valid JSON: {error.Message}", error);
        }
    }

    private static TokenizerConfig Read(JsonSection root) => new()
    {
        BosToken = ReadToken(root["bos_token"]),
        EosToken = ReadToken(root["eos_token"]),
        AddsBos = root["add_bos_token"].IsAbsent ? null : root["add_bos_token"].Flag(absent: false),
        AddedTokens = ReadAddedTokens(root["added_tokens_decoder"]),
    };

    // A text, or an object that says more about it.
    private static string? ReadToken(JsonSection section)
    {
        if (section.IsAbsent) return null;
        return section.Value.ValueKind == JsonValueKind.Object ? section["content"].Text() : section.Text();
    }

    private static Dictionary<string, int> ReadAddedTokens(JsonSection section)
    {
        var tokens = new Dictionary<string, int>();
        if (section.IsAbsent) return tokens;
        foreach (JsonProperty property in section.Value.EnumerateObject())
        {
            if (!int.TryParse(property.Name, out int id) || id < 0) throw section[property.Name].Error("a key that is an id");
            tokens[section[property.Name]["content"].Text()] = id;
        }

        return tokens;
    }
}
