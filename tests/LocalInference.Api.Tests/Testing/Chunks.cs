using LocalInference.Core.Completions;
using static LocalInference.Core.Completions.CompletionChunk;

namespace LocalInference.Api.Tests.Testing;

/// <summary>Answers that several tests play.</summary>
internal static class Chunks
{
    public static readonly Usage Usage = new(PromptTokens: 7, CompletionTokens: 5, CachedTokens: 4, ReasoningTokens: 2);

    public static readonly CompletionChunk[] Plain =
        [new Started("tiny"), new Content("Hello"), new Content(" 世界 😀"), new Finished(FinishReason.Stop, Usage)];

    public static readonly CompletionChunk[] Reasoned =
        [new Started("tiny"), new Reasoning("Two and "), new Reasoning("two."), new Content("4"), new Finished(FinishReason.Stop, Usage)];

    public static readonly CompletionChunk[] Calling =
    [
        new Started("tiny"),
        new ToolCallStarted(0, "call_a", "weather"), new ToolCallArguments(0, "{\"city\":"), new ToolCallArguments(0, "\"Oslo\"}"),
        new ToolCallStarted(1, "call_b", "time"), new ToolCallArguments(1, "{}"),
        new Finished(FinishReason.ToolCalls, Usage),
    ];
}
