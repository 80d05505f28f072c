using System.Text.Encodings.Web;
using System.Text.Json;

namespace LocalInference.Core.Completions;

/// <summary>What is written alike wherever this process writes OpenAI's JSON: to clients, to the cloud, to standard output.</summary>
public static class WireJson
{
    /// <summary>
    /// It is JSON for programs, never text inside a page: only what JSON itself demands is escaped. Non-ASCII stays as it is, which halves
    /// Chinese text (the encoder still escapes what lies outside the BMP).
    /// </summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an assistant message's <c>tool_calls</c>; none, and the field is left out.</summary>
    /// <param name="json">Inside the message's object.</param>
    /// <param name="calls">In the order they were begun.</param>
    public static void WriteToolCalls(this Utf8JsonWriter json, IReadOnlyList<ToolCall> calls)
    {
        if (calls.Count == 0) return;
        json.WriteStartArray("tool_calls"u8);
        foreach (ToolCall call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, call.Id);
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, call.Name);
            json.WriteString("arguments"u8, call.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
