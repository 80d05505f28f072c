using System.Text.Json;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat;

/// <summary>The top-level variables of a rendering, as Hugging Face passes them.</summary>
internal sealed class TemplateVariables
{
    private readonly Dictionary<string, Value> _all = [];

    public IReadOnlyDictionary<string, Value> All => _all;

    /// <summary>The variables of a conversation given as JSON.</summary>
    public static TemplateVariables Of(ChatTemplateInput input, out ContinuedMessage? continued)
    {
        List<Value> messages = [.. input.Messages.EnumerateArray().Select(ReadMessage)];
        continued = input.ContinueFinalMessage ? ContinuedMessage.Mark(messages) : null;
        TemplateVariables variables = new();
        variables.SetConversation(
            messages, JsonReader.Read(input.Tools, isInput: true), input.AddGenerationPrompt, JsonReader.Read(input.Documents, isInput: true));
        variables.SetArguments(input.Extra);
        variables.SetToken("bos_token", input.BosToken);
        variables.SetToken("eos_token", input.EosToken);
        return variables;
    }

    public void SetConversation(IReadOnlyList<Value> messages, Value tools, bool addGenerationPrompt, Value? documents = null)
    {
        _all["messages"] = new ListValue(messages);
        _all["tools"] = tools;
        _all["documents"] = documents ?? NoneValue.Instance;
        _all["add_generation_prompt"] = BoolValue.Of(addGenerationPrompt);
    }

    public void SetArguments(IReadOnlyDictionary<string, JsonElement> arguments)
    {
        foreach ((string name, JsonElement value) in arguments)
            _all[name] = JsonReader.Read(value, isInput: true);
    }

    public void SetFlag(string name, bool flag) => _all[name] = BoolValue.Of(flag);

    /// <summary>A special token, which is the template's own text.</summary>
    public void SetToken(string name, string? token)
    {
        if (token is not null)
            _all[name] = new StringValue(token, isInput: false);
    }

    // The reasoning goes by two names among templates.
    private static Value ReadMessage(JsonElement message)
    {
        Value value = JsonReader.Read(message, isInput: true);
        if (value is MappingValue mapping && mapping.Find("reasoning_content") is { } reasoning && mapping.Find("thinking") is null)
            mapping.Set("thinking", reasoning);
        return value;
    }
}
