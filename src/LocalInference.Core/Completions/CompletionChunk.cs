using LocalInference.Core.Errors;

namespace LocalInference.Core.Completions;

/// <summary>
/// One piece of an answer. Order: one <see cref="Started"/>, any number of parts, then exactly one <see cref="Finished"/> or
/// <see cref="Failed"/>. A failure before anything was generated is a single <see cref="Failed"/> with no <see cref="Started"/> before it,
/// so that it can still become a status line.
/// </summary>
public abstract record CompletionChunk
{
    private CompletionChunk() { }

    /// <summary>The answer has begun: its first token exists.</summary>
    /// <param name="Model">The id of the model that really answers.</param>
    public sealed record Started(string Model) : CompletionChunk;

    /// <summary>Text of the reasoning. Never after content has begun.</summary>
    /// <param name="Text">Whole characters, never empty.</param>
    public sealed record Reasoning(string Text) : CompletionChunk;

    /// <summary>Text of the answer.</summary>
    /// <param name="Text">Whole characters, never empty.</param>
    public sealed record Content(string Text) : CompletionChunk;

    /// <summary>A tool call begins; its arguments follow.</summary>
    /// <param name="Index">0 for the first call of the answer.</param>
    /// <param name="Id"><c>call_…</c>, unique within the conversation.</param>
    /// <param name="Name">The function's name.</param>
    public sealed record ToolCallStarted(int Index, string Id, string Name) : CompletionChunk;

    /// <summary>More of a tool call's arguments: JSON text, the model's own bytes.</summary>
    /// <param name="Index">Which call.</param>
    /// <param name="Text">Never empty.</param>
    public sealed record ToolCallArguments(int Index, string Text) : CompletionChunk;

    /// <summary>Raw output (<see cref="OutputForm.Tokens"/>): ids and their text.</summary>
    /// <param name="Ids">Generated ids, an end token included.</param>
    /// <param name="Text">
    /// What became decodable with them: whole characters, special tokens as written, without the end token that ended the answer.
    /// </param>
    public sealed record Tokens(ReadOnlyMemory<int> Ids, string Text) : CompletionChunk;

    /// <summary>The answer is complete.</summary>
    /// <param name="Reason">Why it ended.</param>
    /// <param name="Usage">Tokens read and written.</param>
    public sealed record Finished(FinishReason Reason, Usage Usage) : CompletionChunk;

    /// <summary>The answer cannot be completed; nothing follows.</summary>
    /// <param name="Failure">What failed.</param>
    public sealed record Failed(InferenceFailure Failure) : CompletionChunk;
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>An end token, a stop token or a stop string.</summary>
    Stop,

    /// <summary>The token limit or the context's end.</summary>
    Length,

    /// <summary>At least one complete tool call was made.</summary>
    ToolCalls,

    /// <summary>The cloud withheld the rest.</summary>
    ContentFilter,
}

/// <summary>Tokens read and written by one answer.</summary>
/// <param name="PromptTokens">Tokens of the rendered prompt.</param>
/// <param name="CompletionTokens">Generated tokens, reasoning and end token included.</param>
/// <param name="CachedTokens">Of the prompt, how many were found in a cache.</param>
/// <param name="ReasoningTokens">Of the completion, how many were reasoning.</param>
public sealed record Usage(int PromptTokens, int CompletionTokens, int CachedTokens = 0, int ReasoningTokens = 0)
{
    /// <summary>Prompt and completion together.</summary>
    public int TotalTokens => PromptTokens + CompletionTokens;
}
