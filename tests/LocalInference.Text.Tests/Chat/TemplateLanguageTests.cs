using System.Globalization;
using System.Text.Json;
using LocalInference.Testing;
using LocalInference.Text.Chat;
using LocalInference.Text.Chat.Jinja;

namespace LocalInference.Text.Tests.Chat;

/// <summary>
/// The language at large: hand-written and random templates over one context, rendered by jinja2 3.1.6 in the environment that
/// transformers sets up (immutable sandbox, trim_blocks, lstrip_blocks, loop controls, its own tojson). The first line holds the context.
/// </summary>
public sealed class TemplateLanguageTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2025-01-31T12:34:56Z", CultureInfo.InvariantCulture);

    [Fact]
    public void Render_RecordedTemplates_GiveWhatJinjaGives()
    {
        ChatTemplateOptions exact = new() { Reading = TemplateReading.Exact };
        string[] lines =
            File.ReadAllLines(Path.Combine(Repository.Root, "tests", "LocalInference.Text.Tests", "Chat", "jinja-language.jsonl"));
        using JsonDocument first = JsonDocument.Parse(lines[0]);
        JsonElement context = first.RootElement.GetProperty("context");
        List<string> wrong = [];
        foreach (string line in lines.Skip(1))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            string template = row.RootElement.GetProperty("template").GetString()!;
            string expected = row.RootElement.TryGetProperty("rendered", out JsonElement rendered) ? rendered.GetString()! : "an error";
            string found = Render(template, exact, context);
            if (found != expected)
                wrong.Add($"{template}\n  gives {found}\n  not   {expected}");
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {lines.Length - 1} differ:\n{string.Join('\n', wrong)}");
    }

    [Theory]
    [InlineData("{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + i %}{{ x }};{% endfor %}{{ x }}", "12;13;1")]
    [InlineData("{% for i in [1, 2] %}{% set x = i %}{% endfor %}{{ x is defined }}", "False")]
    [InlineData("{% set g = 1 %}{% macro m() %}{{ g }}{% endmacro %}{% set g = 2 %}{{ m() }}", "2")]
    [InlineData("{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}", "1112")]
    [InlineData("{% for a in [1] %}{% for b in [2] %}{{ loop.depth }}{% endfor %}{{ loop.depth }}{% endfor %}", "11")]
    [InlineData("{% set m = ['a'] | map('upper') %}{{ m | list }}{{ m | list }}", "['A'][]")]
    [InlineData("{{ 'a' if false }}|", "|")]
    [InlineData("{{ (1, 2, 3)[1:] }}{{ (1,) }}", "(2, 3)(1,)")]
    [InlineData("{{ {'a': 1}['a'] }}{{ {'items': 2}.items is callable }}", "1True")]
    [InlineData("{%- call(n) each([1, 2]) -%}<{{ n }}>{%- endcall -%}", "error")]
    [InlineData("{% macro each(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(n) each([1, 2]) %}<{{ n }}>{% endcall %}", "<1><2>")]
    public void Render_ScopesAndCalls_FollowJinja(string template, string expected) =>
        Assert.Equal(
            expected.Replace("error", "an error", StringComparison.Ordinal),
            Render(template, ChatTemplateOptions.Default, JsonElement.Parse("{}")));

    private static string Render(string template, ChatTemplateOptions options, JsonElement context)
    {
        try
        {
            return ChatTemplate.Compile(template, options).Render(context, Now).ToString();
        }
        catch (TemplateException)
        {
            return "an error";
        }
    }
}
