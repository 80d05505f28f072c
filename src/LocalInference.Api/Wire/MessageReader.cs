using System.Text.Json;
using LocalInference.Core.Completions;

namespace LocalInference.Api.Wire;

/// <summary>Reads <c>messages</c>: the conversation so far.</summary>
internal static class MessageReader
{
    private const string Roles = "\"system\", \"developer\", \"user\", \"assistant\", \"tool\"";
    private const string Contents = "a string, or an array of parts of type text";

    public static IReadOnlyList<ChatMessage> Read(Fields request, int maxMessages, Findings findings)
    {
        if (!request.TryFind("messages", out JsonElement value) || value.ValueKind != JsonValueKind.Array
            || value.GetArrayLength() is var count && (count == 0 || count > maxMessages))
        {
            findings.Invalid("messages", value, $"an array of 1 to {maxMessages} messages");
            return [];
        }
        List<ChatMessage> messages = new(count);
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (Fields.Of(element, $"messages[{messages.Count}]", findings) is not { } message) return messages;
            messages.Add(ReadMessage(message, findings));
        }
        return messages;
    }

    private static ChatMessage ReadMessage(Fields message, Findings findings)
    {
        string? role = ReadRole(message, findings);
        bool isAssistant = role == "assistant";
        IReadOnlyList<ToolCall> calls = isAssistant ? ReadCalls(message, findings) : [];
        string? reasoning = isAssistant ? ReadReasoning(message, findings) : null;
        ChatMessage read = new()
        {
            Role = role ?? "",
            Content = ReadContent(message, findings, mayBeAbsent: calls.Count > 0, whenAbsent: reasoning is null ? null : ""),
            Reasoning = reasoning,
            ToolCalls = calls,
            ToolCallId = role == "tool" ? message.RequiredText("tool_call_id") : null,
            Name = message.Text("name"),
        };
        UnsupportedFields.CheckMessage(message, findings);
        foreach (string name in message.Unread) findings.Ignore($"messages.{name}");
        return read;
    }

    private static string? ReadRole(Fields message, Findings findings)
    {
        if (message.TryFind("role", out JsonElement role) && role.ValueKind == JsonValueKind.String
            && role.GetString() is "system" or "developer" or "user" or "assistant" or "tool")
            return role.GetString();
        findings.Invalid(message.PathOf("role"), role, Roles);
        return null;
    }

    /// <summary>
    /// The text; null only beside tool calls. An assistant turn of nothing but reasoning is what this server itself answers when the token
    /// limit falls into the reasoning, so it is taken back, with empty content.
    /// </summary>
    private static string? ReadContent(Fields message, Findings findings, bool mayBeAbsent, string? whenAbsent)
    {
        if (!message.TryFind("content", out JsonElement content))
        {
            if (!mayBeAbsent && whenAbsent is null)
                findings.Invalid(
                    message.PathOf("content"), "nothing", $"{Contents}; null only in an assistant message with tool_calls or reasoning");
            return mayBeAbsent ? null : whenAbsent;
        }
        if (content.ValueKind == JsonValueKind.String) return content.GetString();
        if (content.ValueKind == JsonValueKind.Array && content.GetArrayLength() > 0)
            return ReadParts(content, message.PathOf("content"), findings);
        findings.Invalid(message.PathOf("content"), content, Contents);
        return null;
    }

    /// <summary>Joins text parts by a newline, as vLLM and llama-server do, so that two documents do not grow together.</summary>
    private static string ReadParts(JsonElement parts, string path, Findings findings)
    {
        List<string> texts = new(parts.GetArrayLength());
        int index = 0;
        foreach (JsonElement element in parts.EnumerateArray())
        {
            if (Fields.Of(element, $"{path}[{index++}]", findings, "an object {\"type\": \"text\", \"text\": …}") is not { } part) continue;
            if (part.RequiredWord("type", "text") && part.RequiredString("text") is { } text) texts.Add(text);
            foreach (string name in part.Unread) findings.Ignore($"messages.content.{name}");
        }
        return string.Join('\n', texts);
    }

    /// <summary>Both names are in use; the same text under both is one.</summary>
    private static string? ReadReasoning(Fields message, Findings findings)
    {
        string? reasoning = message.Text("reasoning");
        string? content = message.Text("reasoning_content");
        if (reasoning is not null && content is not null && reasoning != content)
            findings.Invalid(
                message.PathOf("reasoning"), "another text than in reasoning_content", "one of the two, or both with the same text");
        return reasoning ?? content;
    }

    private static List<ToolCall> ReadCalls(Fields message, Findings findings)
    {
        List<ToolCall> calls = [];
        int index = 0;
        foreach (JsonElement element in message.Array("tool_calls", int.MaxValue))
        {
            string path = $"{message.PathOf("tool_calls")}[{index++}]";
            if (ReadCall(element, path, findings) is { } call) calls.Add(call);
        }
        return calls;
    }

    private static ToolCall? ReadCall(JsonElement element, string path, Findings findings)
    {
        if (Fields.Of(element, path, findings, "an object {\"id\", \"type\", \"function\"}") is not { } call) return null;
        string? id = call.RequiredText("id");
        if (call.TryFind("type", out _)) call.RequiredWord("type", "function");
        if (call.RequiredObject("function", "an object {\"name\", \"arguments\"}") is not { } function) return null;
        string? name = function.RequiredText("name");
        string? arguments = function.RequiredString("arguments", "a string that holds the arguments as JSON");
        return id is null || name is null || arguments is null ? null : new ToolCall(id, name, arguments);
    }
}
