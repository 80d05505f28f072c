using LocalInference.Core.Completions;
using LocalInference.Text.Chat.Jinja;
using LocalInference.Text.Chat.Jinja.Runtime;

namespace LocalInference.Text.Chat;

/// <summary>Renders conversations made up for finding out what a template does.</summary>
internal sealed class TemplateProbe(ChatTemplate template, IReadOnlyDictionary<string, string> tokens)
{
    private const string Word = "probe_word";
    private const string Key = "probe_key";
    private const string Function = "probe_function";
    private const string Arguments = $$"""{"{{Key}}": "{{Word}}"}""";

    private static readonly ChatMessage User = new() { Role = "user", Content = "probe" };

    /// <summary>Whether a past call comes out with its arguments as they are.</summary>
    public bool RendersCall(bool emptyContent, bool objects) =>
        Render(objects, emptyContent, User, Call(content: null)) is { } text && HasCall(text);

    /// <summary>Whether a text beside a call comes out, and the call too.</summary>
    public bool RendersTextBesideCall(bool objects) =>
        Render(objects, emptyContent: false, User, Call("probe_text")) is { } text && HasCall(text)
            && text.Contains("probe_text", StringComparison.Ordinal);

    /// <summary>Whether a developer's message comes out.</summary>
    public bool RendersDeveloper() =>
        Render(objects: false, emptyContent: false, new ChatMessage { Role = "developer", Content = Word }, User) is { } text
        && text.Contains(Word, StringComparison.Ordinal);

    /// <summary>Whether definitions of tools come out. A template that cannot render the probe is left alone.</summary>
    public bool RendersTools()
    {
        MappingValue parameters = Mapping(("type", Text("object")), ("properties", new MappingValue()));
        MappingValue function = Mapping(("name", Text(Function)), ("description", Text("probe")), ("parameters", parameters));
        MappingValue tool = Mapping(("type", Text("function")), ("function", function));
        string? text = Render(new ListValue([tool]), [.. MessageValues.Of([User], Traits(objects: false, emptyContent: false))]);
        return text is null || text.Contains(Function, StringComparison.Ordinal);
    }

    private static bool HasCall(string text) =>
        text.Contains(Function, StringComparison.Ordinal) && text.Contains(Key, StringComparison.Ordinal)
            && !text.Contains($"\\\"{Key}", StringComparison.Ordinal);

    private static ChatMessage Call(string? content) =>
        new() { Role = "assistant", Content = content, ToolCalls = [new ToolCall("call_probe", Function, Arguments)] };

    private string? Render(bool objects, bool emptyContent, params ChatMessage[] messages) =>
        Render(NoneValue.Instance, [.. MessageValues.Of(messages, Traits(objects, emptyContent))]);

    private string? Render(Value tools, IReadOnlyList<Value> messages)
    {
        TemplateVariables variables = new();
        variables.SetConversation(messages, tools, addGenerationPrompt: true);
        foreach ((string name, string token) in tokens)
            variables.SetToken(name, token);
        try
        {
            return template.Render(variables.All).ToString();
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    private static TemplateTraits Traits(bool objects, bool emptyContent) => new()
    {
        RendersTools = true,
        RendersDeveloper = true,
        WantsArgumentObjects = objects,
        WantsEmptyContent = emptyContent,
        SplitsContentFromCalls = false,
        EnablesThinking = false,
    };

    private static StringValue Text(string text) => new(text, isInput: false);

    private static MappingValue Mapping(params (string Key, Value Value)[] entries)
    {
        MappingValue mapping = new();
        foreach ((string key, Value value) in entries)
            mapping.Set(key, value);
        return mapping;
    }
}
