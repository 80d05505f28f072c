using LocalInference.Testing;
using LocalInference.Text.Chat;

namespace LocalInference.Text.Tests.Chat;

public sealed class TemplateTraitsTests
{
    // Format, then: t renders tools, d renders developer, o wants argument objects, e wants empty content, s splits content from calls,
    // k enables thinking.
    private const string Expected = """
        DeepSeek-R1-Distill-Llama-8B Fenced ----s-
        DeepSeek-R1-Distill-Qwen-32B Fenced --o--k
        DeepSeek-R1-Distill-first-release Fenced ----s-
        DeepSeek-V3.1 Bare --o---
        DeepSeek-V3.2 Dsml t-----
        DeepSeek-V4 Dsml td----
        DeepSeek-V4-Flash-0731 Dsml td----
        Llama-3.1-8B-Instruct None tdo-s-
        QwQ-32B Hermes t-o--k
        Qwen2.5-7B-Instruct Hermes t-o---
        Qwen3-0.6B Hermes t--e-k
        Qwen3-Coder None tdo---
        Qwen3.5-4B None t-o--k
        llama-cpp-deepseek-r1 Fenced t-o-s-
        """;

    [Fact]
    public void Of_EveryReferenceTemplate_FindsWhatItDoes()
    {
        IEnumerable<string> files = Directory.GetFiles(ReferenceData.PathOf("chat-templates", "templates"), "*.jinja")
            .OrderBy(Path.GetFileNameWithoutExtension, StringComparer.Ordinal);
        Assert.Equal(
            Expected.Split('\n'), files.Select(file => $"{Path.GetFileNameWithoutExtension(file)} {Describe(File.ReadAllText(file))}"));
    }

    [Fact]
    public void Of_TinyR1_FindsWhatItDoes() =>
        Assert.Equal("Fenced td---k", Describe(File.ReadAllText(Path.Combine(Repository.TinyR1, "chat_template.jinja"))));

    [Fact]
    public void Of_ATemplateThatRefusesEverything_LeavesItAlone() => Assert.Equal("None t-----", Describe("{{ raise_exception('no') }}"));

    private static string Describe(string source)
    {
        ModelTemplate template =
            ModelTemplate.Load(source, new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" });
        TemplateTraits traits = template.Traits;
        (bool Holds, char Letter)[] flags =
        [
            (traits.RendersTools, 't'), (traits.RendersDeveloper, 'd'), (traits.WantsArgumentObjects, 'o'),
            (traits.WantsEmptyContent, 'e'), (traits.SplitsContentFromCalls, 's'), (traits.EnablesThinking, 'k'),
        ];
        return $"{template.Format} {string.Concat(flags.Select(flag => flag.Holds ? flag.Letter : '-'))}";
    }
}
