using System.Text.Json;
using LocalInference.Text.Chat;
using LocalInference.Text.Chat.Jinja;

namespace LocalInference.Text.Tests.Chat;

public sealed class TemplateLimitsTests
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    // A tenth of the defaults: what is stopped there is stopped here, ten times sooner.
    private static readonly ChatTemplateOptions Tight = new()
    {
        Limits = new TemplateLimits { Steps = TemplateLimits.Default.Steps / 10, Characters = TemplateLimits.Default.Characters / 10 },
    };

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{{ 'x' * 1000000000 }}")]
    [InlineData("{{ [0] * 1000000000 }}")]
    [InlineData("{{ [] * 2000000000 and 9 ** 999999999 }}{{ 9 ** 999999999 }}")]
    [InlineData("{% set ns = namespace(n=2) %}{% for i in range(100) %}{% set ns.n = ns.n * ns.n %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='xxxxxxxxxx') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}")]
    [InlineData("{% set ns = namespace(l=[1], m=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}")]
    [InlineData("{% set ns = namespace(l=(1,)) %}{% for i in range(100) %}{% set ns.l = (ns.l, ns.l) %}{% endfor %}{{ {ns.l: 1} }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[1], m=[1]) %}{% for i in range(100000) %}{% set ns.l = [ns.l] %}{% set ns.m = [ns.m] %}{% endfor %}{{ ns.l == ns.m }}")]
    [InlineData("{% set ns = namespace(t=1) %}{% for i in range(100000) %}{% set ns.t = (ns.t,) %}{% endfor %}{{ {1: 2}[ns.t] }}")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}")]
    [InlineData("{{ '%999999999d' % 1 * 1000000 }}")]
    [InlineData("{{ range(100000) | list | batch(1, 0) | map('join') | join('x' * 100000) }}")]
    public void Render_WhatWouldTakeForEverOrAllMemory_IsStopped(string template) =>
        Assert.Equal(TemplateErrorKind.Limit, Error(() => ChatTemplate.Compile(template, Tight).Render(Nothing)).Kind);

    [Fact]
    public void Render_WithoutOptions_HasLimitsToo() =>
        Assert.Equal(TemplateErrorKind.Limit, Error(() => ChatTemplate.Compile("{{ 'x' * 1000000000 }}").Render(Nothing)).Kind);

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("not ")]
    [InlineData("-")]
    [InlineData("1+(")]
    [InlineData("x if ")]
    public void Compile_NestingWithoutEnd_IsASyntaxError(string opening) =>
        Assert.Equal(
            TemplateErrorKind.Syntax, Error(() => ChatTemplate.Compile("{{ " + string.Concat(Enumerable.Repeat(opening, 200_000)))).Kind);

    [Fact]
    public void Compile_BlocksWithoutEnd_IsASyntaxError() =>
        Assert.Equal(
            TemplateErrorKind.Syntax, Error(() => ChatTemplate.Compile(string.Concat(Enumerable.Repeat("{% if 1 %}", 200_000)))).Kind);

    [Theory]
    [InlineData(" + 1")]
    [InlineData(" | abs")]
    [InlineData(".x")]
    public void Render_AChainTooLongForTheStack_IsStopped(string link)
    {
        ChatTemplate template = ChatTemplate.Compile("{{ 1" + string.Concat(Enumerable.Repeat(link, 100_000)) + " }}");
        TemplateException? error = null;
        Thread small = new(() => error = Error(() => template.Render(Nothing)), maxStackSize: 512 * 1024);
        small.Start();
        small.Join();
        Assert.Equal(TemplateErrorKind.Limit, error?.Kind);
    }

    [Fact]
    public void Render_ALargerRange_IsAValueError()
    {
        ChatTemplateOptions options = new() { Limits = new TemplateLimits { RangeLength = 10 } };
        Assert.Equal(TemplateErrorKind.Value, Error(() => ChatTemplate.Compile("{{ range(11) }}", options).Render(Nothing)).Kind);
        Assert.Equal("10", ChatTemplate.Compile("{{ range(10) | length }}", options).Render(Nothing).ToString());
    }

    [Fact]
    public void Render_AfterAFailure_StartsAfresh()
    {
        ChatTemplate template = ChatTemplate.Compile("{% if bad %}{{ 'x' * 1000000000 }}{% endif %}ok");
        Error(() => template.Render(JsonElement.Parse("""{"bad": true}""")));
        Assert.Equal("ok", template.Render(Nothing).ToString());
    }

    private static TemplateException Error(Action action) => Assert.Throws<TemplateException>(action);
}
