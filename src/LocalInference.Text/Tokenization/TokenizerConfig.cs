using System.Text.Json;
using LocalInference.Text.Tokenization.Files;

namespace LocalInference.Text.Tokenization;

/// <summary>What <c>tokenizer_config.json</c> says.</summary>
public sealed record TokenizerConfig
{
    private const string FileName = "tokenizer_config.json";
    private const string Bos = "bos_token";
    private const string Eos = "eos_token";

    /// <summary>What a folder without the file says: nothing.</summary>
    public static TokenizerConfig Empty { get; } = new();

    /// <summary>The texts of special tokens by what templates call them: <c>bos_token</c>, <c>eos_token</c> and so on.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; init; } = new Dictionary<string, string>();

    /// <summary>The text of the token that begins a document; null where there is none.</summary>
    public string? BosToken => SpecialTokens.GetValueOrDefault(Bos);

    /// <summary>The text of the token that ends an answer; null where there is none.</summary>
    public string? EosToken => SpecialTokens.GetValueOrDefault(Eos);

    /// <summary>Whether the tokenizer puts the BOS before a text; null where the file does not say.</summary>
    public bool? AddsBos { get; init; }

    /// <summary>Special tokens by text, from <c>added_tokens_decoder</c>.</summary>
    public IReadOnlyDictionary<string, int> AddedTokens { get; init; } = new Dictionary<string, int>();

    /// <summary>The value of <c>chat_template</c>, unread; undefined where there is none.</summary>
    internal JsonElement ChatTemplate { get; init; }

    /// <summary>Reads the file of a folder; <see cref="Empty"/> where there is none.</summary>
    /// <exception cref="InvalidDataException">It is broken; the message names file, key, found and allowed.</exception>
    public static TokenizerConfig Load(string folder)
    {
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file)) return Empty;
        try
        {
            return Read(new JsonSection(file, "", JsonElement.Parse(File.ReadAllBytes(file))));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{file}: no valid JSON: {error.Message}", error);
        }
    }

    private static TokenizerConfig Read(JsonSection root) => new()
    {
        SpecialTokens = ReadSpecialTokens(root),
        AddsBos = root["add_bos_token"].IsAbsent ? null : root["add_bos_token"].Flag(absent: false),
        AddedTokens = ReadAddedTokens(root["added_tokens_decoder"]),
        ChatTemplate = root["chat_template"].Value,
    };

    // A token is a text, or an object that says more about it.
    private static Dictionary<string, string> ReadSpecialTokens(JsonSection root)
    {
        var tokens = new Dictionary<string, string>();
        foreach (string name in (string[])[Bos, Eos, "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"])
            if (root[name] is { IsAbsent: false } token)
                tokens[name] = (token.Value.ValueKind == JsonValueKind.Object ? token["content"] : token).Text();
        return tokens;
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
