using System.Text.Json;

namespace LocalInference.Text.Chat;

/// <summary>The chat templates and special tokens that a model folder brings.</summary>
/// <param name="Default">The template's text.</param>
/// <param name="ForTools">A template of its own for requests with tools; null where the default serves them too.</param>
/// <param name="SpecialTokens">What templates know as <c>bos_token</c>, <c>eos_token</c> and so on.</param>
internal sealed record ChatTemplateSource(string Default, string? ForTools, IReadOnlyDictionary<string, string> SpecialTokens)
{
    private const string TemplateFile = "chat_template.jinja";
    private const string ConfigurationFile = "tokenizer_config.json";
    private const string DefaultName = "default";
    private const string ToolUseName = "tool_use";

    private static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>
    /// Looks in <c>chat_template.jinja</c> first, then in <c>tokenizer_config.json</c> under <c>chat_template</c>: a text, or a list of
    /// named ones of which <c>default</c> (else the only one) and <c>tool_use</c> are taken.
    /// </summary>
    /// <param name="folder">A model folder.</param>
    /// <exception cref="InvalidDataException">There is no template; the message says where one was looked for.</exception>
    public static ChatTemplateSource Load(string folder)
    {
        string configurationPath = Path.Combine(folder, ConfigurationFile), templatePath = Path.Combine(folder, TemplateFile);
        using JsonDocument? configuration = File.Exists(configurationPath) ? Parse(configurationPath) : null;
        Dictionary<string, string> tokens = configuration is null ? [] : ReadTokens(configuration.RootElement);
        if (File.Exists(templatePath))
            return new ChatTemplateSource(File.ReadAllText(templatePath), null, tokens);
        if (configuration is not null && configuration.RootElement.TryGetProperty("chat_template", out JsonElement template))
            return template.ValueKind switch
            {
                JsonValueKind.String => new ChatTemplateSource(template.GetString()!, null, tokens),
                JsonValueKind.Array => Choose(configurationPath, template, tokens),
                _ => throw new InvalidDataException($"'{configurationPath}': chat_template must be a text or a list of named texts, not {template.ValueKind}."),
            };
        throw new InvalidDataException(
            $"'{folder}' has no chat template: there is no {TemplateFile}, and {ConfigurationFile} "
            + $"{(configuration is null ? "is missing" : "has no chat_template")}. Put the model's {TemplateFile} beside its weights.");
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is no JSON: {error.Message}", error);
        }
    }

    private static ChatTemplateSource Choose(string path, JsonElement list, Dictionary<string, string> tokens)
    {
        Dictionary<string, string> named = [];
        foreach (JsonElement entry in list.EnumerateArray())
            if (entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("name", out JsonElement name) && entry.TryGetProperty("template", out JsonElement text))
                named[name.GetString() ?? ""] = text.GetString() ?? "";
        string chosen = named.TryGetValue(DefaultName, out string? byDefault) ? byDefault
            : named.Count == 1 ? named.Values.Single()
            : throw new InvalidDataException(
                $"'{path}': chat_template lists {named.Count} templates ({string.Join(", ", named.Keys)}), none of them named '{DefaultName}'. Name the one to use so.");
        return new ChatTemplateSource(chosen, named.GetValueOrDefault(ToolUseName), tokens);
    }

    // A token is a text or an added token's description.
    private static Dictionary<string, string> ReadTokens(JsonElement configuration)
    {
        Dictionary<string, string> tokens = [];
        foreach (string name in TokenNames)
        {
            if (!configuration.TryGetProperty(name, out JsonElement token))
                continue;
            if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content))
                token = content;
            if (token.ValueKind == JsonValueKind.String)
                tokens[name] = token.GetString()!;
        }
        return tokens;
    }
}
