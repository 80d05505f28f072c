using System.Text.Encodings.Web;
using System.Text.Json;
using LocalInference.Host.Tests.Processes;
using LocalInference.Testing;

namespace LocalInference.Host.Tests;

/// <summary>The commands that need no model: <c>tokenize</c>, <c>detokenize</c>, <c>render</c>.</summary>
public sealed class TextCommandsTests
{
    private static readonly string[] Questions =
        [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "questions.jsonl")).Take(40)];

    [Fact]
    public async Task Tokenize_ThePromptsOfTheQuestions_GivesTheirIdsAndDetokenizeGivesThemBack()
    {
        JsonElement[] questions = [.. Questions.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        JsonElement[] ids = await RunAsync(["tokenize", "--tokenizer", Repository.TinyR1], questions.Select(q => Line(new { text = q.GetProperty("prompt").GetString() })));
        JsonElement[] texts = await RunAsync(
            ["detokenize", "--tokenizer", Path.Combine(Repository.TinyR1, "tokenizer.json")], ids.Select(i => i.GetRawText()));
        for (int i = 0; i < questions.Length; i++)
        {
            Assert.Equal(questions[i].GetProperty("ids").Deserialize<int[]>(), ids[i].GetProperty("ids").Deserialize<int[]>());
            Assert.Equal(questions[i].GetProperty("prompt").GetString(), texts[i].GetProperty("text").GetString());
        }
    }

    [Fact]
    public async Task Tokenize_Plain_KeepsControlTokensText()
    {
        string line = Line(new { text = "<｜User｜>" });
        int[] asTemplate = (await RunAsync(["tokenize", "--tokenizer", Repository.TinyR1], [line]))[0].GetProperty("ids").Deserialize<int[]>()!;
        int[] asUser = (await RunAsync(["tokenize", "--tokenizer", Repository.TinyR1, "--plain"], [line]))[0].GetProperty("ids").Deserialize<int[]>()!;
        Assert.Equal([2033], asTemplate);
        Assert.DoesNotContain(2033, asUser);
        Assert.True(asUser.Length > 1);
    }

    [Fact]
    public async Task Render_TheModelsTemplate_GivesTheQuestionsPrompts()
    {
        JsonElement[] questions = [.. Questions.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        JsonElement[] rendered = await RunAsync(["render", "--templates", Repository.TinyR1], questions.Select(q => Line(new
        {
            template = "chat_template.jinja",
            messages = q.GetProperty("messages"),
            tools = q.GetProperty("tools"),
            add_generation_prompt = true,
            extra = new { enable_thinking = q.GetProperty("thinking") },
            bos_token = "<｜begin▁of▁sentence｜>",
            eos_token = "<｜end▁of▁sentence｜>",
        })));
        Assert.Equal(
            questions.Select(q => q.GetProperty("prompt").GetString()), rendered.Select(r => r.GetProperty("rendered").GetString()));
    }

    [Fact]
    public async Task Render_GoodAndBadLines_EachGetsItsOwnAnswer()
    {
        JsonElement[] lines = await RunAsync(["render", "--templates", Repository.TinyR1],
        [
            """{"template":"{{ x * 2 }}","context":{"x":21}}""",
            """{"template":"{{ raise_exception('only two roles') }}","context":{}}""",
            """{"template":"{% if %}","context":{}}""",
            """{"template":"../tiny-r1/chat_template.jinja","messages":[]}""",
            """{"template":"nothing.jinja","messages":[]}""",
            """{"context":{}}""",
        ]);
        Assert.Equal("42", lines[0].GetProperty("rendered").GetString());
        Assert.Equal("only two roles", Message(lines[1]));
        Assert.Contains("line 1", Message(lines[2]));
        Assert.Contains("name of a file", Message(lines[3]));
        Assert.Contains("nothing.jinja", Message(lines[4]));
        Assert.Contains("template", Message(lines[5]));
    }

    [Theory]
    [InlineData("2025-01-31 12")]
    [InlineData("2024-02-29 07", "--now", "2024-02-29T07:59:00")]
    public async Task Render_TheClock_IsFixedOrTheOneAskedFor(string expected, params string[] more)
    {
        JsonElement[] lines = await RunAsync(
            ["render", "--templates", Repository.TinyR1, .. more], ["""{"template":"{{ strftime_now('%Y-%m-%d %H') }}","context":{}}"""]);
        Assert.Equal(expected, lines[0].GetProperty("rendered").GetString());
    }

    [Fact]
    public async Task Tokenize_BadLines_SayWhatIsAllowed()
    {
        JsonElement[] lines = await RunAsync(["tokenize", "--tokenizer", Repository.TinyR1], ["""{"text":5}""", """{"text":"\ud800"}""", "{}", "[]"]);
        Assert.Contains("allowed is a string", Message(lines[0]));
        Assert.Contains("surrogate", Message(lines[1]));
        Assert.Contains("found nothing", Message(lines[2]));
        Assert.Contains("object", Message(lines[3]));
    }

    [Theory]
    [InlineData("tokenize", "--tokenizer")]
    [InlineData("detokenize", "--tokenizer")]
    [InlineData("render", "--templates")]
    public async Task Folder_NotThere_EndsWithTwoAndNamesIt(string command, string option)
    {
        await using HostProcess host = HostProcess.Start([command, option, "no-such-folder"]);
        (int exitCode, IReadOnlyList<string> output) = await host.FeedAsync([]);
        Assert.Equal(2, exitCode);
        Assert.Contains("no-such-folder", host.Errors);
        Assert.Empty(output);
    }

    private static async Task<JsonElement[]> RunAsync(string[] arguments, IEnumerable<string> lines)
    {
        string[] input = [.. lines];
        await using HostProcess host = HostProcess.Start(arguments);
        (int exitCode, IReadOnlyList<string> output) = await host.FeedAsync(input);
        Assert.True(exitCode == 0, host.Errors);
        Assert.Equal(input.Length, output.Count);
        return [.. output.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    private static string Line(object row) =>
        JsonSerializer.Serialize(row, new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static string Message(JsonElement line) => line.GetProperty("error").GetProperty("message").GetString()!;
}
