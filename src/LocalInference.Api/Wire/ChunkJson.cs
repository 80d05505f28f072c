using System.Diagnostics;
using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Wire;

/// <summary>
/// Writes one answer's <c>chat.completion.chunk</c> objects. What all of them repeat is encoded once, and the texts go straight into the
/// response's buffer, so that a chunk allocates nothing.
/// </summary>
internal sealed class ChunkJson(AnswerHead head, bool includesUsage)
{
    private readonly JsonEncodedText _id = Encode(head.Id);
    private readonly JsonEncodedText _model = Encode(head.Model);
    private readonly JsonEncodedText? _fingerprint = head.Fingerprint is { } fingerprint ? Encode(fingerprint) : null;
    private readonly long _created = head.Created.ToUnixTimeSeconds();

    /// <summary>Writes the object of one chunk of an answer, all but its failure, which is no chunk on the wire.</summary>
    public void Write(Utf8JsonWriter json, CompletionChunk chunk)
    {
        BeginDelta(json);
        WriteDelta(json, chunk);
        EndDelta(json, chunk is CompletionChunk.Finished { Reason: var reason } ? reason.WireName() : null);
    }

    /// <summary>Writes the object that carries nothing but token counts.</summary>
    public void WriteUsage(Utf8JsonWriter json, Usage usage)
    {
        WriteHead(json);
        json.WriteStartArray("choices"u8);
        json.WriteEndArray();
        UsageJson.Write(json, usage);
        json.WriteEndObject();
    }

    private static void WriteDelta(Utf8JsonWriter json, CompletionChunk chunk)
    {
        switch (chunk)
        {
            case CompletionChunk.Started:
                json.WriteString("role"u8, "assistant"u8);
                json.WriteString("content"u8, ""u8);
                break;
            case CompletionChunk.Reasoning reasoning:
                json.WriteString("reasoning"u8, reasoning.Text);
                json.WriteString("reasoning_content"u8, reasoning.Text);
                break;
            case CompletionChunk.Content content:
                json.WriteString("content"u8, content.Text);
                break;
            case CompletionChunk.ToolCallStarted call:
                WriteCallStart(json, call);
                break;
            case CompletionChunk.ToolCallArguments arguments:
                WriteCallArguments(json, arguments);
                break;
            case CompletionChunk.Finished:
                break;
            default:
                throw new UnreachableException($"A {chunk.GetType().Name} chunk has no place in a chat answer.");
        }
    }

    private static void WriteCallStart(Utf8JsonWriter json, CompletionChunk.ToolCallStarted call)
    {
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, call.Index);
        json.WriteString("id"u8, call.Id);
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, call.Name);
        json.WriteString("arguments"u8, ""u8);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteCallArguments(Utf8JsonWriter json, CompletionChunk.ToolCallArguments arguments)
    {
        json.WriteStartArray("tool_calls"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, arguments.Index);
        json.WriteStartObject("function"u8);
        json.WriteString("arguments"u8, arguments.Text);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteHead(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, _id);
        json.WriteString("object"u8, "chat.completion.chunk"u8);
        json.WriteNumber("created"u8, _created);
        json.WriteString("model"u8, _model);
        if (_fingerprint is { } fingerprint)
            json.WriteString("system_fingerprint"u8, fingerprint);
        else
            json.WriteNull("system_fingerprint"u8);
    }

    private void BeginDelta(Utf8JsonWriter json)
    {
        WriteHead(json);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteStartObject("delta"u8);
    }

    private void EndDelta(Utf8JsonWriter json, string? finishReason)
    {
        json.WriteEndObject();
        json.WriteString("finish_reason"u8, finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includesUsage) json.WriteNull("usage"u8);
        json.WriteEndObject();
    }

    private static JsonEncodedText Encode(string text) => JsonEncodedText.Encode(text, WireJson.WriterOptions.Encoder);
}
