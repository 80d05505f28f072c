using System.Text;
using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Routing.Cloud;

/// <summary>
/// Makes the cloud's own words fit for the log. A cloud may quote what it was sent, so words that repeat the key or the request's text are
/// withheld: the rule that no prompt is ever logged does not depend on a stranger's manners.
/// </summary>
internal static class CloudErrorText
{
    /// <summary>Enough for a sentence that says what is wrong.</summary>
    private const int MaxCharacters = 300;

    /// <summary>
    /// As many characters in a row that stand in the request too are a quotation; shorter runs are words that all texts share.
    /// </summary>
    private const int QuotationCharacters = 12;

    private const string Withheld = "(withheld: it repeats text of the request)";

    /// <summary>The cloud's words out of the body of a refusal.</summary>
    /// <param name="body">JSON of OpenAI's error form, or anything else (a proxy's page).</param>
    /// <param name="conversation">What was sent.</param>
    /// <param name="apiKey">What must not be shown.</param>
    public static string OfBody(ReadOnlySpan<byte> body, Prompt.Chat conversation, string? apiKey)
    {
        CloudError? error;
        try
        {
            error = JsonSerializer.Deserialize(body, CloudJson.Default.CloudErrorBody)?.Error;
        }
        catch (JsonException)
        {
            error = new CloudError(Encoding.UTF8.GetString(body), Type: null);
        }
        return Of(error ?? new CloudError(null, null), conversation, apiKey);
    }

    /// <summary>The cloud's words, on one line.</summary>
    public static string Of(CloudError error, Prompt.Chat conversation, string? apiKey)
    {
        string words = string.Join(": ", new[] { error.Type, error.Message }.Where(w => !string.IsNullOrWhiteSpace(w)));
        if (words.Length == 0) return "(no message)";
        if (!string.IsNullOrEmpty(apiKey)) words = words.Replace(apiKey, "***", StringComparison.Ordinal);
        if (words.Length > MaxCharacters) words = words[..MaxCharacters] + "…";
        return TextsOf(conversation).Any(text => Quotes(words, text)) ? Withheld : words.ReplaceLineEndings(" ");
    }

    private static IEnumerable<string> TextsOf(Prompt.Chat conversation) =>
        conversation.Messages
            .SelectMany(m => m.ToolCalls.Select(c => c.Arguments).Prepend(m.Reasoning).Prepend(m.Content))
            .Concat(conversation.Tools.Select(t => t.GetRawText()))
            .Where(t => !string.IsNullOrWhiteSpace(t))
            .Select(t => t!.Trim());

    private static bool Quotes(string words, string text)
    {
        if (text.Length < QuotationCharacters) return words.Contains(text, StringComparison.OrdinalIgnoreCase);
        for (int i = 0; i + QuotationCharacters <= words.Length; i++)
            if (text.AsSpan().Contains(words.AsSpan(i, QuotationCharacters), StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
