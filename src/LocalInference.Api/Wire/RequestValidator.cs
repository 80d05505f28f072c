using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using LocalInference.Api.Errors;
using LocalInference.Core.Completions;
using Microsoft.AspNetCore.Http;

namespace LocalInference.Api.Wire;

/// <summary>A checked chat request: what the router needs, and what only the wire needs.</summary>
/// <param name="Completion">The request as Core knows it.</param>
/// <param name="Model">The id asked for; null takes the local model.</param>
/// <param name="Streams">Whether the answer comes as server-sent events.</param>
/// <param name="IncludesUsage">Whether a stream ends with a chunk of token counts.</param>
/// <param name="Ignored">Fields without effect, by name.</param>
internal sealed record ChatRequest(
    CompletionRequest Completion, string? Model, bool Streams, bool IncludesUsage, IReadOnlyCollection<string> Ignored);

/// <summary>
/// From what came over the wire to a request in which every value is inside its range. Pure; behind it nothing is checked again.
/// Every field is read even after a fault, so that a client learns of all its faults at once.
/// </summary>
internal sealed class RequestValidator(ApiOptions limits)
{
    /// <summary>A field name beyond this is no name of any API, and would fill the header that reports it.</summary>
    private const int MaxFieldNameLength = 64;

    /// <summary>
    /// Variables that the server itself hands to the template; a client's would replace the conversation or forge control tokens.
    /// </summary>
    private static readonly string[] ReservedTemplateArguments =
    [
        "messages", "tools", "documents", "add_generation_prompt", "chat_template",
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ];

    /// <summary>Checks one request.</summary>
    /// <param name="body">The parsed body.</param>
    /// <param name="headers">The request's headers.</param>
    /// <param name="id">The answer's id.</param>
    /// <param name="request">The checked request; independent of <paramref name="body"/>'s document.</param>
    /// <param name="error">Every fault in one error.</param>
    public bool TryValidate(
        JsonElement body,
        IHeaderDictionary headers,
        string id,
        [NotNullWhen(true)] out ChatRequest? request,
        [NotNullWhen(false)] out ApiError? error)
    {
        Findings findings = new();
        request = body.ValueKind == JsonValueKind.Object ? Read(new Fields(body, "", findings), headers, id, findings) : null;
        if (request is null) findings.Invalid("the body", body, "an object");
        error = findings.HasFaults ? findings.ToError() : null;
        if (error is not null) request = null;
        return error is null;
    }

    private ChatRequest Read(Fields body, IHeaderDictionary headers, string id, Findings findings)
    {
        Prompt.Chat prompt = new()
        {
            Messages = MessageReader.Read(body, limits.MaxMessages, findings),
            Tools = ToolReader.Read(body, limits.MaxTools, findings),
            TemplateArguments = ReadTemplateArguments(body, findings),
        };
        CompletionRequest asked = new()
        {
            Id = id,
            Prompt = prompt,
            Sampling = SamplingReader.ReadSampling(body),
            Stop = SamplingReader.ReadStop(body, limits, findings),
        };
        CompletionRequest completion = RequestHeaders.Read(headers, asked, findings);
        string? model = body.TryFind("model", out _) ? body.RequiredText("model") : null;
        bool streams = body.Boolean("stream") ?? false;
        bool includesUsage = ReadStreamOptions(body, streams, findings);
        UnsupportedFields.CheckRequest(body, findings);
        ReportUnread(body, headers, findings);
        return new ChatRequest(completion, model, streams, includesUsage, findings.Ignored);
    }

    internal static Dictionary<string, JsonElement> ReadTemplateArguments(Fields body, Findings findings)
    {
        Dictionary<string, JsonElement> arguments = new(StringComparer.Ordinal);
        if (body.Object("chat_template_kwargs") is not { } given) return arguments;
        foreach (JsonProperty argument in given.All)
        {
            if (ReservedTemplateArguments.Contains(argument.Name))
                findings.Invalid(given.PathOf(argument.Name), argument.Value, "absent, as the server itself sets this variable");
            else
                arguments.Add(argument.Name, argument.Value.Clone());
        }
        return arguments;
    }

    private static bool ReadStreamOptions(Fields body, bool streams, Findings findings)
    {
        if (body.Object("stream_options") is not { } options) return false;
        if (!streams) findings.Invalid("stream_options", "it without stream", "only beside stream true");
        bool includesUsage = options.Boolean("include_usage") ?? false;
        UnsupportedFields.CheckStreamOptions(options, findings);
        foreach (string name in options.Unread) findings.Ignore(options.PathOf(name));
        return includesUsage;
    }

    private void ReportUnread(Fields body, IHeaderDictionary headers, Findings findings)
    {
        foreach (string name in body.Unread) findings.Ignore(name);
        RequestHeaders.ReportUnread(headers, findings);
        if (findings.Ignored.Count > limits.MaxIgnoredFields)
            findings.Invalid(
                "the request", $"{findings.Ignored.Count} fields that have no effect here", $"at most {limits.MaxIgnoredFields}");
        if (findings.Ignored.FirstOrDefault(name => name.Length > MaxFieldNameLength) is { } longName)
            findings.Invalid("the request", $"a field name of {longName.Length} characters", $"at most {MaxFieldNameLength}");
    }
}
