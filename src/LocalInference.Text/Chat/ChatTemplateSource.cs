using System.Text.Json;

namespace LocalInference.Text.Chat;

/// <summary>The chat templates and special tokens that a model folder brings.</summary>
/// <param name="Default">The template's text.</param>
/// <param name="ForTools">A template of its own for requests with tools; null where the default serves them too.</param>
/// <param name="SpecialTokens">What templates know as <c>bos_token</c>, <c>eos_token</c> and so on.</param>
internal sealed record ChatTemplateSource(string Default, string? ForTools, IReadOnlyDictionary<string, string> SpecialTokens)
{
    private const string TemplateFile = "chat_template.jinja";
    private const string ConfiguredKey = "chat_template of tokenizer_config.json";
    private const string DefaultName = "default";
    private const string ToolUseName = "tool_use";

    /// <summary>
    /// Takes the folder's <c>chat_template.jinja</c>, else what <c>tokenizer_config.json</c> has under <c>chat_template</c>: a text, or a
    /// list of named ones of which <c>default</c> (else the only one) and <c>tool_use</c> are taken.
    /// </summary>
    /// <param name="folder">A model folder.</param>
    /// <param name="configured">The value of <c>chat_template</c>; undefined where there is none.</param>
    /// <param name="tokens">The special tokens.</param>
    /// <exception cref="InvalidDataException">There is no template; the message says where one was looked for.</exception>
    public static ChatTemplateSource Load(string folder, JsonElement configured, IReadOnlyDictionary<string, string> tokens)
    {
        string file = Path.Combine(folder, TemplateFile);
        if (File.Exists(file))
            return new ChatTemplateSource(File.ReadAllText(file), null, tokens);
        return configured.ValueKind switch
        {
            JsonValueKind.String => new ChatTemplateSource(configured.GetString()!, null, tokens),
            JsonValueKind.Array => Choose(folder, configured, tokens),
            JsonValueKind.Undefined or JsonValueKind.Null => throw new InvalidDataException(
                $"'{folder}' has no chat template: neither {TemplateFile} nor {ConfiguredKey} is there. "
                + $"Put the model's {TemplateFile} beside its weights."),
            _ => throw new InvalidDataException(
                $"'{folder}': {ConfiguredKey} must be a text or a list of named texts, not {configured.ValueKind}."),
        };
    }

    private static ChatTemplateSource Choose(string folder, JsonElement list, IReadOnlyDictionary<string, string> tokens)
    {
        Dictionary<string, string> named = [];
        foreach (JsonElement entry in list.EnumerateArray())
            if (entry.ValueKind == JsonValueKind.Object
                && entry.TryGetProperty("name", out JsonElement name)
                && entry.TryGetProperty("template", out JsonElement text))
                named[name.GetString() ?? ""] = text.GetString() ?? "";
        string chosen = named.TryGetValue(DefaultName, out string? byDefault) ? byDefault
            : named.Count == 1 ? named.Values.Single()
            : throw new InvalidDataException(
                $"'{folder}': {ConfiguredKey} lists {named.Count} templates ({string.Join(", ", named.Keys)}), "
                + $"none of them named '{DefaultName}'. Name the one to use so.");
        return new ChatTemplateSource(chosen, named.GetValueOrDefault(ToolUseName), tokens);
    }
}
