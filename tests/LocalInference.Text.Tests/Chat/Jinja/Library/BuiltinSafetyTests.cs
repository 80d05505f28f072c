using System.Text.Json;
using LocalInference.Text.Chat;
using LocalInference.Text.Chat.Jinja;
using LocalInference.Text.Chat.Jinja.Library;

namespace LocalInference.Text.Tests.Chat.Jinja.Library;

/// <summary>
/// Whatever a template asks of whatever value: what it gets is text or a <see cref="TemplateException"/>, never another exception.
/// </summary>
public sealed class BuiltinSafetyTests
{
    private const int Seed = 59;

    private static readonly ChatTemplateOptions Small = new() { Limits = new TemplateLimits { Steps = 20_000, Characters = 200_000 } };

    private static readonly string[] Values =
    [
        "none", "true", "0", "-1", "7", "10**400", "-(2**31)", "0.5", "1e999", "-1e999", "(1e999-1e999)", "''", "'a'", "'a b\\n'", "'é🙂'", "'\\ud83d'",
        "'%d %s'", "'%5.1f%c'", "'{:5}'", "'{0[x]}{a}'", "'{:>{}}'", "'<b>&'", "'a,b'", "[]", "[1, 'a', none]", "[[1, 2], [3, 4]]", "(1,)", "{}", "{'a': [1]}",
        "range(3)", "[1, 2] | map('string')", "missing", "namespace(a=1)", "joiner", "cycler(1, 2)", "dict.x", "loop",
    ];

    private static readonly string[] Names =
    [
        "attribute", "default", "reverse", "case_sensitive", "width", "first", "indent", "precision", "method", "base", "leeway", "by", "sep", "a", "x",
    ];

    private static readonly string[] Operations = ["+", "-", "*", "/", "//", "%", "**", "~", "<", ">=", "==", "in", "and"];

    private static readonly string[] Filters =
    [
        .. TextFilters.All.Keys, .. MarkupFilters.All.Keys, .. SequenceFilters.All.Keys,
        .. LazyFilters.All.Keys, .. NumberFilters.All.Keys, .. JsonFilters.All.Keys,
    ];

    private static readonly string[] Methods =
        [.. StringMethods.All.Keys, .. CollectionMethods.OfList.Keys, .. CollectionMethods.OfMapping.Keys, "next", "reset", "current"];

    private static readonly string[] Tests =
        ["odd", "even", "divisibleby", "eq", "lt", "ge", "in", "sameas", "upper", "filter", "test", "sequence", "callable"];

    [Fact]
    public void Render_RandomCallsOfEverything_GivesTextOrATemplateException()
    {
        var random = new Random(Seed);
        List<string> wrong = [];
        int rendered = 0;
        for (int i = 0; i < 60_000; i++)
        {
            string template = $"{{{{ ({Expression(random)}) | list if {i % 2} else ({Expression(random)}) }}}}";
            try
            {
                ChatTemplate.Compile(template, Small).Render(JsonElement.Parse("{}"));
                rendered++;
            }
            catch (TemplateException)
            {
            }
            catch (Exception other)
            {
                wrong.Add($"{template}: {other.GetType().Name} {other.Message}");
            }
        }

        Assert.True(wrong.Count == 0, $"seed {Seed}, {wrong.Count} wrong:\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(rendered > 5_000, $"only {rendered} render at all");
    }

    [Theory]
    [InlineData("{{ '%d' % 1e999 }}", "cannot convert float inf to integer (template line 1)")]
    [InlineData("{{ (15 * 10**20) | round(-21) }}", "2000000000000000000000")]
    [InlineData("{{ (-(10**400) - 15) | round(-1) == -(10**400) - 20 }}", "True")]
    [InlineData("{{ 'ab' | truncate(10, leeway=-9) }}", "ab...")]
    [InlineData("{% set j = joiner(5) %}{{ j() }}{{ j() }}", "5")]
    [InlineData("{{ '<<a>b<!-- <i> -->c<' | striptags }}", "bc<")]
    public void Render_ValuesAtTheEdge_GivesWhatPythonGives(string template, string expected)
    {
        string given;
        try
        {
            given = ChatTemplate.Compile(template).Render(JsonElement.Parse("{}")).ToString();
        }
        catch (TemplateException error)
        {
            given = error.Message;
        }

        Assert.Equal(expected, given);
    }

    private static string Expression(Random random) => random.Next(8) switch
    {
        0 => $"{Value(random)} {Pick(random, Operations)} {Value(random)}",
        1 => $"({Value(random)})[{Value(random)}]",
        2 => $"({Value(random)})[{Value(random)}:{Value(random)}:{Value(random)}]",
        3 => $"({Value(random)}) is {Pick(random, Tests)}({Arguments(random)})",
        4 => $"{Pick(random, [.. Globals.All.Keys])}({Arguments(random)})",
        5 => $"({Value(random)}).{Pick(random, Methods)}({Arguments(random)})",
        _ => $"({Value(random)}) | {Pick(random, Filters)}({Arguments(random)})",
    };

    private static string Arguments(Random random)
    {
        List<string> arguments = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random))];
        if (random.Next(3) == 0) arguments.Add($"{Pick(random, Names)}={Value(random)}");
        return string.Join(", ", arguments);
    }

    private static string Value(Random random) => Pick(random, Values);

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
