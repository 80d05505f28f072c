using System.Text;
using System.Text.Json;
using LocalInference.Core.Completions;
using Microsoft.Extensions.AI;

namespace LocalInference.Chat;

/// <summary>
/// Turns an answer's chunks into Microsoft.Extensions.AI's updates. Function calls are given out whole, as that interface wants them. One
/// per answer.
/// </summary>
internal sealed class ChatUpdates(string responseId, string? modelId, DateTimeOffset createdAt)
{
    private readonly StringBuilder _arguments = new();
    private CompletionChunk.ToolCallStarted? _call;
    private string? _modelId = modelId;

    /// <summary>The update that a chunk makes, or null when it makes none yet.</summary>
    /// <exception cref="InferenceException">The chunk says that the answer failed.</exception>
    public ChatResponseUpdate? Next(CompletionChunk chunk)
    {
        switch (chunk)
        {
            case CompletionChunk.Started started:
                _modelId = started.Model;
                return null;
            case CompletionChunk.Reasoning reasoning:
                return Update([new TextReasoningContent(reasoning.Text)]);
            case CompletionChunk.Content content:
                return Update([new TextContent(content.Text)]);
            case CompletionChunk.ToolCallStarted started:
                ChatResponseUpdate? before = _call is null ? null : Update([TakeCall()]);
                _call = started;
                return before;
            case CompletionChunk.ToolCallArguments arguments:
                _arguments.Append(arguments.Text);
                return null;
            case CompletionChunk.Finished finished:
                List<AIContent> last = _call is null ? [] : [TakeCall()];
                last.Add(new UsageContent(Details(finished.Usage)));
                ChatResponseUpdate end = Update(last);
                end.FinishReason = Reason(finished.Reason);
                return end;
            case CompletionChunk.Failed failed:
                throw new InferenceException(failed.Failure);
            default:
                throw new InvalidOperationException($"A chat answer cannot hold a {chunk.GetType().Name} chunk.");
        }
    }

    private ChatResponseUpdate Update(IList<AIContent> contents) => new(ChatRole.Assistant, contents)
    {
        ResponseId = responseId, MessageId = responseId, ModelId = _modelId, CreatedAt = createdAt,
    };

    private FunctionCallContent TakeCall()
    {
        // Broken JSON of the model's is reported on the content, as the interface foresees, not thrown.
        FunctionCallContent call = FunctionCallContent.CreateFromParsedArguments(
            _arguments.ToString(), _call!.Id, _call.Name, static text => JsonSerializer.Deserialize<Dictionary<string, object?>>(text)!);
        _arguments.Clear();
        _call = null;
        return call;
    }

    private static UsageDetails Details(Usage usage) => new()
    {
        InputTokenCount = usage.PromptTokens,
        OutputTokenCount = usage.CompletionTokens,
        TotalTokenCount = usage.TotalTokens,
        CachedInputTokenCount = usage.CachedTokens,
        ReasoningTokenCount = usage.ReasoningTokens,
    };

    private static ChatFinishReason Reason(FinishReason reason) => reason switch
    {
        FinishReason.Stop => ChatFinishReason.Stop,
        FinishReason.Length => ChatFinishReason.Length,
        FinishReason.ToolCalls => ChatFinishReason.ToolCalls,
        _ => ChatFinishReason.ContentFilter,
    };
}
