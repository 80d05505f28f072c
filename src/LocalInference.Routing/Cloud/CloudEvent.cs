using System.Text.Json;
using System.Text.Json.Serialization;

namespace LocalInference.Routing.Cloud;

/// <summary>
/// One <c>data:</c> frame of the cloud's stream, as it stands on the wire. Everything may be missing; <see cref="CloudAnswer"/> decides
/// what must not.
/// </summary>
internal sealed record CloudEvent
{
    /// <summary>The frame <c>[DONE]</c>.</summary>
    public static readonly CloudEvent Done = new();

    public string? Model { get; init; }

    public IReadOnlyList<CloudChoice>? Choices { get; init; }

    public CloudUsage? Usage { get; init; }

    public CloudError? Error { get; init; }

    /// <summary>Reads a frame's data.</summary>
    /// <exception cref="JsonException">It is no such JSON.</exception>
    public static CloudEvent Parse(ReadOnlySpan<byte> data) =>
        data.SequenceEqual("[DONE]"u8)
            ? Done
            : JsonSerializer.Deserialize(data, CloudJson.Default.CloudEvent) ?? throw new JsonException("The frame holds null.");
}

/// <summary>The answer's one choice.</summary>
internal sealed record CloudChoice(CloudDelta? Delta, string? FinishReason);

/// <summary>What a frame adds.</summary>
/// <param name="Content">Text of the answer.</param>
/// <param name="ReasoningContent">Text of the reasoning, by DeepSeek's name.</param>
/// <param name="Reasoning">The same by vLLM's name; servers that write both write the same text.</param>
/// <param name="ToolCalls">Pieces of tool calls.</param>
internal sealed record CloudDelta(string? Content, string? ReasoningContent, string? Reasoning, IReadOnlyList<CloudToolCall>? ToolCalls);

/// <summary>A piece of a tool call; id and name stand in the first piece of each.</summary>
internal sealed record CloudToolCall(int? Index, string? Id, CloudFunction? Function);

/// <summary>The function's part of a tool call's piece.</summary>
internal sealed record CloudFunction(string? Name, string? Arguments);

/// <summary>Tokens, as DeepSeek and OpenAI count them.</summary>
internal sealed record CloudUsage(
    int PromptTokens,
    int CompletionTokens,
    int? PromptCacheHitTokens,
    CloudPromptDetails? PromptTokensDetails,
    CloudCompletionDetails? CompletionTokensDetails);

/// <summary>OpenAI's place for cached tokens.</summary>
internal sealed record CloudPromptDetails(int? CachedTokens);

/// <summary>Where reasoning tokens are counted.</summary>
internal sealed record CloudCompletionDetails(int? ReasoningTokens);

/// <summary>The cloud's own words about a failure. For the log only, and there only by way of <see cref="CloudErrorText"/>.</summary>
internal sealed record CloudError(string? Message, string? Type);

/// <summary>The body of a refused request.</summary>
internal sealed record CloudErrorBody(CloudError? Error);

/// <summary>The generated readers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CloudEvent))]
[JsonSerializable(typeof(CloudErrorBody))]
internal sealed partial class CloudJson : JsonSerializerContext;
