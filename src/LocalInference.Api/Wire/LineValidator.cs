using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Wire;

/// <summary>
/// Checks one line of the <c>generate</c> command: the chat endpoint's fields under the chat endpoint's rules, plus <c>ids</c> in place of
/// <c>messages</c>. A field that is not of the command is a fault, since there is no header to report it in. Stateless and safe for
/// concurrent use.
/// </summary>
internal static class LineValidator
{
    private static readonly ApiOptions Limits = new();

    /// <summary>Checks a line.</summary>
    /// <param name="line">A JSON object.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="request">Asks for tokens, stays on this machine, and is greedy unless the line gives a temperature.</param>
    /// <param name="faults">Every fault, in sentences.</param>
    public static bool TryValidate(
        JsonElement line,
        string id,
        [NotNullWhen(true)] out CompletionRequest? request,
        [NotNullWhen(false)] out string? faults)
    {
        Findings findings = new();
        Fields fields = new(line, "", findings);
        Prompt prompt = ReadPrompt(fields, findings);
        SamplingOptions sampling = SamplingReader.ReadSampling(fields);
        request = new CompletionRequest
        {
            Id = id,
            Prompt = prompt,
            Sampling = sampling with { Temperature = sampling.Temperature ?? 0 },
            Stop = new StopConditions
            {
                MaxTokens = (int?)fields.Integer("max_tokens", 1, int.MaxValue),
                IgnoreEndTokens = fields.Boolean("ignore_eos") ?? false,
            },
            Output = OutputForm.Tokens,
            DataClass = DataClass.LocalOnly,
        };
        string known = string.Join(", ", fields.Known);
        foreach (string name in fields.Unread)
            findings.Invalid(name, "a field this command does not know", known);
        faults = findings.HasFaults ? findings.ToError().Message : null;
        if (faults is not null) request = null;
        return faults is null;
    }

    private static Prompt ReadPrompt(Fields fields, Findings findings)
    {
        bool hasIds = fields.TryFind("ids", out JsonElement ids), hasMessages = fields.TryFind("messages", out _);
        if (hasIds == hasMessages)
        {
            findings.Invalid("the line", hasIds ? "both ids and messages" : "neither ids nor messages", "one of the two");
            return new Prompt.Tokens(default);
        }
        if (hasMessages)
            return new Prompt.Chat
            {
                Messages = MessageReader.Read(fields, Limits.MaxMessages, findings),
                Tools = ToolReader.Read(fields, Limits.MaxTools, findings),
                TemplateArguments = RequestValidator.ReadTemplateArguments(fields, findings),
            };
        if (ids.ValueKind == JsonValueKind.Array && ids.GetArrayLength() > 0)
            return new Prompt.Tokens(fields.TokenIds("ids", int.MaxValue));
        findings.Invalid("ids", ids, "an array of at least one token id");
        return new Prompt.Tokens(default);
    }
}
