using System.Text.Json;
using LocalInference.Core.Completions;
using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Parsing;

namespace LocalInference.Text.Chat;

/// <summary>Renders the server's conversations with a model's own templates.</summary>
/// <remarks>Immutable; all members are safe for concurrent use.</remarks>
internal sealed class ConversationRenderer
{
    private readonly ModelTemplate _plain;
    private readonly ModelTemplate _withTools;
    private readonly IReadOnlyDictionary<string, string> _tokens;

    /// <summary>Compiles and probes a model's templates.</summary>
    /// <param name="source">What its folder holds.</param>
    /// <exception cref="Jinja.TemplateException">A template is no valid one; names the line.</exception>
    public ConversationRenderer(ChatTemplateSource source)
    {
        _tokens = source.SpecialTokens;
        _plain = ModelTemplate.Load(source.Default, source.SpecialTokens);
        _withTools = source.ForTools is null ? _plain : ModelTemplate.Load(source.ForTools, source.SpecialTokens);
    }

    /// <summary>
    /// How this model writes tool calls, by what its template (or, where that says nothing, our own instruction) teaches.
    /// </summary>
    public ToolCallFormat ToolCallFormat => _withTools.Format;

    /// <summary>Renders a conversation up to where the answer begins.</summary>
    /// <param name="chat">The conversation.</param>
    /// <exception cref="Jinja.TemplateException">The template refuses it, or cannot render it.</exception>
    public RenderedPrompt Render(Prompt.Chat chat)
    {
        ModelTemplate template = chat.Tools.Count > 0 ? _withTools : _plain;
        IEnumerable<MappingValue> messages = MessageValues.Of(chat.Messages, template.Traits);
        bool foldsTools = chat.Tools.Count > 0 && !template.Traits.RendersTools;
        TemplateVariables variables = new();
        if (template.Traits.EnablesThinking)
            variables.SetFlag("enable_thinking", true);
        variables.SetArguments(chat.TemplateArguments);
        variables.SetConversation(
            foldsTools ? ToolInstructions.Add(messages, [.. chat.Tools.Select(Definition)], template.Format) : [.. messages],
            chat.Tools.Count == 0 || foldsTools
                ? NoneValue.Instance
                : new ListValue([.. chat.Tools.Select(static tool => JsonReader.Read(tool, isInput: true))]),
            addGenerationPrompt: true);
        foreach ((string name, string token) in _tokens)
            variables.SetToken(name, token);
        return template.Compiled.Render(variables.All);
    }

    private static StringValue Definition(JsonElement tool)
    {
        JsonElement function = tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("function", out JsonElement inner)
            ? inner
            : tool;
        JsonLayout layout = new(Indent: null, ", ", ": ", IsAscii: false, SortsKeys: false, TakesLazySequences: false);
        return new JsonWriter(layout, new RenderBudget(Jinja.TemplateLimits.Default)).ToText(JsonReader.Read(function, isInput: true));
    }
}
