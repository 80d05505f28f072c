using System.Text.Json;
using LocalInference.Core.Completions;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat;

/// <summary>Messages as a template wants to see them.</summary>
internal static class MessageValues
{
    // A role of this list is a word of the protocol, not of the client.
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    public static IEnumerable<MappingValue> Of(IReadOnlyList<ChatMessage> messages, TemplateTraits traits)
    {
        foreach (ChatMessage message in messages)
        {
            bool isSplit = traits.SplitsContentFromCalls && message.ToolCalls.Count > 0 && !string.IsNullOrEmpty(message.Content);
            if (isSplit)
                yield return Read(message with { ToolCalls = [] }, traits);
            yield return Read(isSplit ? message with { Content = null, Reasoning = null } : message, traits);
        }
    }

    private static MappingValue Read(ChatMessage message, TemplateTraits traits)
    {
        MappingValue value = new();
        string role = message.Role == "developer" && !traits.RendersDeveloper ? "system" : message.Role;
        value.Set("role", new StringValue(role, isInput: !Roles.Contains(role)));
        string? content = message.Content ?? (traits.WantsEmptyContent ? "" : null);
        value.Set("content", content is null ? NoneValue.Instance : Input(content));
        if (message.Reasoning is { } reasoning)
        {
            value.Set("reasoning_content", Input(reasoning));
            value.Set("thinking", Input(reasoning));
        }
        if (message.ToolCalls.Count > 0)
            value.Set("tool_calls", new ListValue([.. message.ToolCalls.Select(call => ReadCall(call, traits.WantsArgumentObjects))]));
        if (message.ToolCallId is { } id)
            value.Set("tool_call_id", Input(id));
        if (message.Name is { } name)
            value.Set("name", Input(name));
        return value;
    }

    private static MappingValue ReadCall(ToolCall call, bool wantsObject)
    {
        MappingValue function = new(), value = new();
        function.Set("name", Input(call.Name));
        function.Set("arguments", wantsObject ? ReadArguments(call.Arguments) : Input(call.Arguments));
        value.Set("id", Input(call.Id));
        value.Set("type", new StringValue("function", isInput: false));
        value.Set("function", function);
        return value;
    }

    // A model may have written broken JSON. What cannot be read is passed as the text that it is, so that nothing is lost.
    private static Value ReadArguments(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.Length == 0 ? "{}" : text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? JsonReader.Read(document.RootElement, isInput: true)
                : Input(text);
        }
        catch (JsonException)
        {
            return Input(text);
        }
    }

    private static StringValue Input(string text) => new(text, isInput: true);
}
