using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Wire;

/// <summary>What every object of one answer repeats, chunk or whole.</summary>
/// <param name="Id">The request's id, <c>chatcmpl-…</c>.</param>
/// <param name="Created">When the answer began.</param>
/// <param name="Model">The model that really answers.</param>
/// <param name="Fingerprint">Changes with whatever may change the local answers; null for the cloud's, whose state is not known.</param>
internal sealed record AnswerHead(string Id, DateTimeOffset Created, string Model, string? Fingerprint);

/// <summary>A whole answer, collected from its chunks.</summary>
/// <param name="Head">What identifies it.</param>
/// <param name="Content">The text; null when there is none.</param>
/// <param name="Reasoning">The reasoning; null when there is none.</param>
/// <param name="ToolCalls">Calls in the order they were begun.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Usage">Tokens read and written.</param>
internal sealed record CompleteAnswer(
    AnswerHead Head, string? Content, string? Reasoning, IReadOnlyList<ToolCall> ToolCalls, FinishReason Reason, Usage Usage);

/// <summary>Writes the <c>chat.completion</c> object.</summary>
internal static class CompletionJson
{
    public static void Write(Utf8JsonWriter json, CompleteAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, answer.Head.Id);
        json.WriteString("object"u8, "chat.completion"u8);
        json.WriteNumber("created"u8, answer.Head.Created.ToUnixTimeSeconds());
        json.WriteString("model"u8, answer.Head.Model);
        json.WriteString("system_fingerprint"u8, answer.Head.Fingerprint);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        WriteMessage(json, answer);
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, answer.Reason.WireName());
        json.WriteEndObject();
        json.WriteEndArray();
        UsageJson.Write(json, answer.Usage);
        json.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter json, CompleteAnswer answer)
    {
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("content"u8, answer.Content);
        json.WriteNull("refusal"u8);
        if (answer.Reasoning is { } reasoning)
        {
            json.WriteString("reasoning"u8, reasoning);
            json.WriteString("reasoning_content"u8, reasoning);
        }
        json.WriteToolCalls(answer.ToolCalls);
        json.WriteEndObject();
    }
}
