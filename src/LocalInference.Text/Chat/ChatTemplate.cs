using System.Text.Json;
using LocalInference.Text.Chat.Jinja;
using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Chat.Jinja.Syntax;
using LocalInference.Text.Chat.Jinja.Tree;

namespace LocalInference.Text.Chat;

/// <summary>A chat template: Jinja, compiled once, rendered any number of times.</summary>
/// <remarks>Immutable; all members are safe for concurrent use.</remarks>
public sealed class ChatTemplate
{
    private readonly Body _body;
    private readonly ChatTemplateOptions _options;

    private ChatTemplate(string source, Body body, ChatTemplateOptions options)
    {
        Source = source;
        _body = body;
        _options = options;
    }

    /// <summary>The template as written.</summary>
    public string Source { get; }

    /// <summary>Compiles a template.</summary>
    /// <param name="source">Jinja, as Hugging Face's chat templates use it.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <exception cref="TemplateException">Of kind <see cref="TemplateErrorKind.Syntax"/>; names the line.</exception>
    public static ChatTemplate Compile(string source, ChatTemplateOptions? options = null) =>
        new(source, StatementParser.Parse(source), options ?? ChatTemplateOptions.Default);

    /// <summary>Renders a conversation as Hugging Face's <c>apply_chat_template</c> does.</summary>
    /// <param name="input">The conversation.</param>
    /// <exception cref="TemplateException">The template refuses it, or cannot render it.</exception>
    public RenderedPrompt Render(ChatTemplateInput input)
    {
        TemplateVariables variables = TemplateVariables.Of(input, out ContinuedMessage? continued);
        RenderedPrompt prompt = Render(variables.All, input.Now);
        return continued is null ? prompt : continued.Cut(prompt);
    }

    /// <summary>Renders with the keys of a JSON object as variables and nothing else; all of it counts as input.</summary>
    /// <param name="context">An object.</param>
    /// <param name="now">What <c>strftime_now</c> shows; null asks the clock.</param>
    /// <exception cref="TemplateException">The template cannot be rendered.</exception>
    public RenderedPrompt Render(JsonElement context, DateTimeOffset? now = null) =>
        Render(
            context.EnumerateObject().ToDictionary(static entry => entry.Name, static entry => JsonReader.Read(entry.Value, isInput: true)),
            now);

    internal RenderedPrompt Render(IReadOnlyDictionary<string, Value> variables, DateTimeOffset? now = null)
    {
        RenderState state = new(new RenderBudget(_options.Limits), now ?? _options.Clock.GetLocalNow(), _options.Reading, variables);
        try
        {
            _body.Execute(state, new Scope(parent: null));
        }
        catch (TemplateException error)
        {
            throw error.At(state.Line);
        }
        return new RenderedPrompt(state.Output.ToValue());
    }
}
