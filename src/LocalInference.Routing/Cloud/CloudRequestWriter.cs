using System.Buffers;
using System.Text.Json;
using LocalInference.Core.Completions;
using LocalInference.Routing.Spill;

namespace LocalInference.Routing.Cloud;

/// <summary>
/// Writes a request as the cloud's <c>/chat/completions</c> reads it. What the client did not ask for is left out, so that the cloud's own
/// defaults hold there.
/// </summary>
internal static class CloudRequestWriter
{
    /// <summary>The body, UTF-8.</summary>
    /// <param name="spillable">A request that may go out.</param>
    /// <param name="model">The cloud's name of the model.</param>
    public static byte[] Write(SpillableRequest spillable, string model)
    {
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter json = new(body, WireJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            WriteMessages(json, spillable.Conversation.Messages);
            WriteTools(json, spillable.Conversation.Tools);
            WriteLimits(json, spillable);
            json.WriteBoolean("stream"u8, true);
            json.WriteStartObject("stream_options"u8);
            json.WriteBoolean("include_usage"u8, true);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return body.WrittenSpan.ToArray();
    }

    private static void WriteMessages(Utf8JsonWriter json, IReadOnlyList<ChatMessage> messages)
    {
        json.WriteStartArray("messages"u8);
        foreach (ChatMessage message in messages)
        {
            json.WriteStartObject();
            // "developer" is OpenAI's newer name of the same turn; DeepSeek knows only the older.
            json.WriteString("role"u8, message.Role == "developer" ? "system" : message.Role);
            json.WriteString("content"u8, message.Content);
            if (message.Name is not null) json.WriteString("name"u8, message.Name);
            if (message.Reasoning is not null) json.WriteString("reasoning_content"u8, message.Reasoning);
            json.WriteToolCalls(message.ToolCalls);
            if (message.ToolCallId is not null) json.WriteString("tool_call_id"u8, message.ToolCallId);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<JsonElement> tools)
    {
        if (tools.Count == 0) return;
        json.WriteStartArray("tools"u8);
        foreach (JsonElement tool in tools) tool.WriteTo(json);
        json.WriteEndArray();
    }

    private static void WriteLimits(Utf8JsonWriter json, SpillableRequest spillable)
    {
        CompletionRequest request = spillable.Request;
        if (request.Stop.MaxTokens is { } maxTokens) json.WriteNumber("max_tokens"u8, maxTokens);
        foreach ((string name, double value) in spillable.CarriedSampling) json.WriteNumber(name, value);
        if (request.Stop.Strings.Count == 0) return;
        json.WriteStartArray("stop"u8);
        foreach (string stop in request.Stop.Strings) json.WriteStringValue(stop);
        json.WriteEndArray();
    }
}
