using System.Text.Json;
using System.Text.Json.Serialization;

namespace LocalInference.Bench.Load;

/// <summary>What is read of a stream's frame.</summary>
internal sealed record ChatFrame(IReadOnlyList<ChatChoice>? Choices, ChatUsage? Usage, ChatError? Error)
{
    /// <summary>The frame <c>[DONE]</c>.</summary>
    public static readonly ChatFrame Done = new(null, null, null);

    public bool HasText => Choices is [{ Delta: { } delta }, ..]
        && (delta.Content is { Length: > 0 } || delta.Reasoning is { Length: > 0 } || delta.ReasoningContent is { Length: > 0 }
            || delta.ToolCalls is { Count: > 0 });

    public bool IsLast => Choices is [{ FinishReason: not null }, ..];
}

internal sealed record ChatChoice(ChatDelta? Delta, string? FinishReason);

internal sealed record ChatDelta(string? Content, string? Reasoning, string? ReasoningContent, IReadOnlyList<JsonElement>? ToolCalls);

internal sealed record ChatUsage(int PromptTokens, int CompletionTokens);

internal sealed record ChatError(string? Code, string? Type);

internal sealed record ChatErrorBody(ChatError? Error);

internal sealed record ModelList(IReadOnlyList<ModelEntry>? Data);

internal sealed record ModelEntry(string Id);

/// <summary>The request.</summary>
internal sealed record ChatRequest(string Model, IReadOnlyList<ChatTurn> Messages, int MaxTokens)
{
    public bool IgnoreEos => true;

    public bool Stream => true;

    public StreamOptions StreamOptions { get; } = new(IncludeUsage: true);
}

internal sealed record ChatTurn(string Role, string Content);

internal sealed record StreamOptions(bool IncludeUsage);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChatFrame))]
[JsonSerializable(typeof(ChatErrorBody))]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(LevelResult))]
internal sealed partial class LoadJson : JsonSerializerContext;
