using LocalInference.Testing;
using LocalInference.Text.Chat;
using LocalInference.Text.Chat.Jinja;
using LocalInference.Text.Chat.Jinja.Runtime;
using LocalInference.Text.Tokenization;

namespace LocalInference.Text.Tests.Chat;

/// <summary>Prompts without a template, and templates without a server.</summary>
internal static class Prompts
{
    /// <summary>A prompt of these segments; neighbours of one origin become one.</summary>
    public static RenderedPrompt Of(IEnumerable<PromptSegment> segments)
    {
        TextBuilder text = new(new RenderBudget(TemplateLimits.Default));
        foreach (PromptSegment segment in segments)
            text.Append(segment.Text, segment.IsInput);
        return new RenderedPrompt(text.ToValue());
    }

    /// <summary>What a folder brings.</summary>
    public static ChatTemplateSource SourceOf(string folder)
    {
        TokenizerConfig config = TokenizerConfig.Load(folder);
        return ChatTemplateSource.Load(folder, config.ChatTemplate, config.SpecialTokens);
    }

    /// <summary>The renderer of tiny-r1's own template.</summary>
    public static ConversationRenderer TinyR1() => new(SourceOf(Repository.TinyR1));
}
