using System.Text.Json;
using LocalInference.Text.Chat;
using LocalInference.Text.Chat.Jinja;

namespace LocalInference.Text.Tests.Chat;

public sealed class TemplateErrorTests
{
    [Theory]
    [InlineData("{% if true %}", TemplateErrorKind.Syntax, 1)]
    [InlineData("a\nb\n{{ 1 + }}", TemplateErrorKind.Syntax, 3)]
    [InlineData("{#\n\n#}{% foo %}", TemplateErrorKind.Syntax, 3)]
    [InlineData("{{ 'a\nb' }}\n{{ }}", TemplateErrorKind.Syntax, 3)]
    [InlineData("{% include 'x' %}", TemplateErrorKind.Syntax, 1)]
    [InlineData("{% break %}", TemplateErrorKind.Syntax, 1)]
    [InlineData("{% for x in [1] %}{% call f() %}{% break %}{% endcall %}{% endfor %}", TemplateErrorKind.Syntax, 1)]
    [InlineData("x\n{{ missing.a }}", TemplateErrorKind.Undefined, 2)]
    [InlineData("{% if true %}\n{{ 1 + 'a' }}{% endif %}", TemplateErrorKind.Type, 2)]
    [InlineData("{{ 1 // 0 }}", TemplateErrorKind.Value, 1)]
    [InlineData("{{ 1 | nope }}", TemplateErrorKind.UnknownName, 1)]
    [InlineData("{{ '' | from_json }}", TemplateErrorKind.Value, 1)]
    [InlineData("{{ [].append(1) }}", TemplateErrorKind.Security, 1)]
    public void Render_ABadTemplate_NamesKindAndLine(string source, TemplateErrorKind kind, int line)
    {
        TemplateException error = Assert.Throws<TemplateException>(() => ChatTemplate.Compile(source).Render(JsonElement.Parse("{}")));
        Assert.Equal((kind, line), (error.Kind, error.Line));
        Assert.EndsWith($"(template line {line})", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_RaiseException_CarriesTheTemplatesOwnWords()
    {
        TemplateException error = Assert.Throws<TemplateException>(() => ChatTemplate.Compile("\n{{ raise_exception('roles must alternate') }}").Render(JsonElement.Parse("{}")));
        Assert.Equal((TemplateErrorKind.Raised, "roles must alternate", 2), (error.Kind, error.Message, error.Line));
    }

    [Fact]
    public void Render_ReadExactly_RefusesWhatHuggingFaceRefuses()
    {
        ChatTemplateOptions exact = new() { Reading = TemplateReading.Exact };
        Assert.Equal(TemplateErrorKind.UnknownName, Assert.Throws<TemplateException>(() => ChatTemplate.Compile("{{ '{}' | from_json }}", exact).Render(JsonElement.Parse("{}"))).Kind);
        Assert.Equal("{'a': 1}", ChatTemplate.Compile("{{ '{\"a\": 1}' | from_json }}").Render(JsonElement.Parse("{}")).ToString());
        Assert.Equal("[1]", ChatTemplate.Compile("{{ [1] | map('int') | tojson }}").Render(JsonElement.Parse("{}")).ToString());
    }
}
