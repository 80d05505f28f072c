using System.Text.Json;
using LocalInference.Core.Completions;
using Microsoft.Extensions.AI;
using AIChatMessage = Microsoft.Extensions.AI.ChatMessage;
using CoreChatMessage = LocalInference.Core.Completions.ChatMessage;

namespace LocalInference.Chat;

/// <summary>
/// Turns Microsoft.Extensions.AI's messages and options into a checked request. Nothing is dropped: what cannot be honoured is refused by
/// name.
/// </summary>
internal static class CompletionRequests
{
    /// <exception cref="NotSupportedException">An option or a content that the engine does not support; the message names it.</exception>
    /// <exception cref="ArgumentException">A value outside its range, no message at all, or an empty stop sequence.</exception>
    public static CompletionRequest From(IEnumerable<AIChatMessage> messages, ChatOptions? options, string id)
    {
        options ??= new ChatOptions();
        RefuseUnsupported(options);
        List<CoreChatMessage> turns = [];
        if (options.Instructions is { Length: > 0 } instructions)
            turns.Add(new CoreChatMessage { Role = "system", Content = instructions });
        foreach (AIChatMessage message in messages) turns.AddRange(Turns(message));
        if (turns.Count == 0) throw new ArgumentException("At least one message is needed; found none.", nameof(messages));
        return new CompletionRequest
        {
            Id = id,
            Prompt = new Prompt.Chat { Messages = turns, Tools = Tools(options) },
            Sampling = new SamplingOptions
            {
                Temperature = Within(options.Temperature, 0, SamplingOptions.MaxTemperature, nameof(options.Temperature)),
                TopP = Within(options.TopP, float.Epsilon, 1, nameof(options.TopP)),
                TopK = (int?)Within(options.TopK, 0, int.MaxValue, nameof(options.TopK)),
                Seed = options.Seed,
            },
            Stop = new StopConditions
            {
                MaxTokens = (int?)Within(options.MaxOutputTokens, 1, int.MaxValue, nameof(options.MaxOutputTokens)),
                Strings = StopStrings(options),
            },
        };
    }

    private static void RefuseUnsupported(ChatOptions options)
    {
        Refuse(options.FrequencyPenalty is not (null or 0), nameof(options.FrequencyPenalty));
        Refuse(options.PresencePenalty is not (null or 0), nameof(options.PresencePenalty));
        Refuse(options.ResponseFormat is not (null or ChatResponseFormatText), nameof(options.ResponseFormat));
        Refuse(options.ToolMode is not (null or AutoChatToolMode or NoneChatToolMode), nameof(options.ToolMode));
        Refuse(options.ConversationId is not null, nameof(options.ConversationId));
        Refuse(options.AllowMultipleToolCalls == false, nameof(options.AllowMultipleToolCalls));
        Refuse(options.Reasoning is not null, nameof(options.Reasoning));
        Refuse(options.AdditionalProperties is { Count: > 0 }, nameof(options.AdditionalProperties));
    }

    private static void Refuse(bool asked, string name)
    {
        if (asked) throw new NotSupportedException($"ChatOptions.{name} is not supported by the local engine; leave it out.");
    }

    private static double? Within(double? value, double least, double most, string name) =>
        value is null || (value >= least && value <= most)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"Allowed is {least} to {most}.");

    private static IReadOnlyList<string> StopStrings(ChatOptions options) => options.StopSequences is not { } strings ? []
        : strings.All(s => s.Length > 0) ? [.. strings]
        : throw new ArgumentException("A stop sequence is empty; allowed is at least one character.", nameof(options));

    private static IReadOnlyList<JsonElement> Tools(ChatOptions options) =>
        options.ToolMode is NoneChatToolMode ? [] : [.. (options.Tools ?? []).Select(ToolElement)];

    private static JsonElement ToolElement(AITool tool)
    {
        if (tool is not AIFunctionDeclaration declared)
            throw new NotSupportedException($"Tool '{tool.Name}' is a {tool.GetType().Name}; only functions are supported.");
        var function = new { name = declared.Name, description = declared.Description, parameters = declared.JsonSchema };
        return JsonSerializer.SerializeToElement(new { type = "function", function });
    }

    /// <summary>One turn, or several: each function result is a turn of its own.</summary>
    private static IEnumerable<CoreChatMessage> Turns(AIChatMessage message)
    {
        foreach (AIContent content in message.Contents)
            if (content is not (TextContent or TextReasoningContent or FunctionCallContent or FunctionResultContent or UsageContent))
                throw new NotSupportedException(
                    $"A message holds a {content.GetType().Name}; supported are text, reasoning, function calls and their results.");
        foreach (FunctionResultContent result in message.Contents.OfType<FunctionResultContent>())
            yield return new CoreChatMessage
            {
                Role = "tool",
                ToolCallId = result.CallId,
                Content = result.Result as string ?? JsonSerializer.Serialize(result.Result),
            };
        if (message.Role == ChatRole.Tool) yield break;
        string reasoning = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(c => c.Text));
        List<ToolCall> calls = [.. message.Contents.OfType<FunctionCallContent>().Select(call =>
            new ToolCall(call.CallId, call.Name, JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>())))];
        yield return new CoreChatMessage
        {
            Role = message.Role.Value,
            Content = calls.Count > 0 && message.Text.Length == 0 ? null : message.Text,
            Reasoning = reasoning.Length == 0 ? null : reasoning,
            ToolCalls = calls,
            Name = message.AuthorName,
        };
    }
}
