using System.Globalization;
using System.Text.Json;

namespace LocalInference.Text.Chat;

/// <summary>
/// What Hugging Face's <c>apply_chat_template</c> takes, as JSON: everything in it counts as input except the two tokens.
/// </summary>
public sealed record ChatTemplateInput
{
    private static readonly JsonElement Null = JsonElement.Parse("null");

    /// <summary>An array of messages, handed to the template as they are.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>The tools' definitions; null is passed as none.</summary>
    public JsonElement Tools { get; init; } = Null;

    /// <summary>Documents for templates that know them; null is passed as none.</summary>
    public JsonElement Documents { get; init; } = Null;

    /// <summary>Whether the prompt ends with the beginning of an answer.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Whether the prompt ends where the last message's text ends, to be gone on with.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>Further variables by name.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extra { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The model's first token; null leaves the variable undefined.</summary>
    public string? BosToken { get; init; }

    /// <summary>The model's end token; null leaves the variable undefined.</summary>
    public string? EosToken { get; init; }

    /// <summary>What <c>strftime_now</c> shows; null asks the clock.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>
    /// Reads one object with the keys <c>messages, tools, documents, add_generation_prompt, continue_final_message, extra,
    /// bos_token, eos_token, now</c>, of which only the first must be there.
    /// </summary>
    /// <param name="row">The object; must outlive the input.</param>
    /// <exception cref="InvalidDataException">A key is missing or of the wrong kind; the message names it.</exception>
    public static ChatTemplateInput FromJson(JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object
            || !row.TryGetProperty("messages", out JsonElement messages)
            || messages.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException("A conversation to render must be an object with an array 'messages'.");
        return new ChatTemplateInput
        {
            Messages = messages,
            Tools = Find(row, "tools") ?? Null,
            Documents = Find(row, "documents") ?? Null,
            AddGenerationPrompt = Flag(row, "add_generation_prompt"),
            ContinueFinalMessage = Flag(row, "continue_final_message"),
            Extra = Find(row, "extra")?.EnumerateObject().ToDictionary(static entry => entry.Name, static entry => entry.Value) ?? [],
            BosToken = Text(row, "bos_token"),
            EosToken = Text(row, "eos_token"),
            Now = Text(row, "now") is { } now ? ReadTime("'now'", now) : null,
        };
    }

    /// <summary>Reads a time; one without a zone is shown as it is written.</summary>
    /// <param name="name">What it is called, for the error.</param>
    /// <param name="text">As in <c>2025-01-31T12:34:56</c>.</param>
    /// <exception cref="InvalidDataException">It is no time.</exception>
    public static DateTimeOffset ReadTime(string name, string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw new InvalidDataException($"{name} must be a time as in 2025-01-31T12:34:56, not '{text}'.");

    private static JsonElement? Find(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static bool Flag(JsonElement row, string name) => Find(row, name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        var other => throw new InvalidDataException($"'{name}' must be true or false, not {other.Value.ValueKind}."),
    };

    private static string? Text(JsonElement row, string name) => Find(row, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        var other => throw new InvalidDataException($"'{name}' must be a text, not {other.Value.ValueKind}."),
    };
}
