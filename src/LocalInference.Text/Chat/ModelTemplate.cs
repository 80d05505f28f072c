using LocalInference.Text.Parsing;

namespace LocalInference.Text.Chat;

/// <summary>A compiled template with what was found out about it.</summary>
/// <param name="Compiled">The template.</param>
/// <param name="Traits">What it does with a conversation.</param>
/// <param name="Format">How its model writes tool calls.</param>
internal sealed record ModelTemplate(ChatTemplate Compiled, TemplateTraits Traits, ToolCallFormat Format)
{
    public static ModelTemplate Load(string source, IReadOnlyDictionary<string, string> tokens)
    {
        ChatTemplate compiled = ChatTemplate.Compile(source);
        TemplateTraits traits = TemplateTraits.Of(compiled, tokens);
        ToolCallFormat format = ToolCallFormats.Detect(source);
        // A template that knows nothing of tools gets our instruction, which teaches the simplest form.
        bool isTaughtByUs = format == ToolCallFormat.None && !traits.RendersTools;
        return new ModelTemplate(compiled, traits, isTaughtByUs ? ToolCallFormat.Hermes : format);
    }
}
