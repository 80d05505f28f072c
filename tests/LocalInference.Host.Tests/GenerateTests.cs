using System.Text.Json;
using LocalInference.Host.Tests.Processes;
using LocalInference.Testing;

namespace LocalInference.Host.Tests;

/// <summary>The <c>generate</c> command: JSON lines in, JSON lines out.</summary>
public sealed class GenerateTests
{
    [Fact]
    public async Task Lines_GoodAndBad_EachGetsItsLineInOrder()
    {
        (int exitCode, JsonElement[] lines) = await GenerateAsync(
            """{"ids":[2035,2033,438,292,220,15,1014,220,17,30,2034,2037,198],"max_tokens":5}""",
            "no json",
            """{"ids":[99999]}""",
            "",
            """{"max_tokens":5}""",
            """{"ids":[1],"messages":[{"role":"user","content":"x"}]}""",
            """{"ids":[1],"max_tokens":0,"temperature":-1}""",
            """{"ids":[1],"colour":"red"}""",
            """{"messages":[{"role":"user","content":"What is 1 plus 2?"}],"chat_template_kwargs":{"enable_thinking":false}}""");
        Assert.Equal(0, exitCode);
        Assert.Equal("length", lines[0].GetProperty("finish_reason").GetString());
        Assert.Equal(5, lines[0].GetProperty("ids").GetArrayLength());
        Assert.Contains("JSON", Message(lines[1]));
        Assert.Contains("99999", Message(lines[2]));
        Assert.NotEmpty(Message(lines[3]));
        Assert.Contains("ids", Message(lines[4]));
        Assert.Contains("messages", Message(lines[5]));
        Assert.Contains("max_tokens", Message(lines[6]));
        Assert.Contains("temperature", Message(lines[6]));
        Assert.Contains("colour", Message(lines[7]));
        Assert.Equal("1 + 2 = 3", lines[8].GetProperty("text").GetString());
        Assert.Equal("stop", lines[8].GetProperty("finish_reason").GetString());
        Assert.Equal(2032, lines[8].GetProperty("ids").EnumerateArray().Last().GetInt32());
    }

    [Fact]
    public async Task IgnoreEos_Set_KeepsTheEndTokenAndGoesOn()
    {
        (_, JsonElement[] lines) = await GenerateAsync(
            """{"messages":[{"role":"user","content":"What is 1 plus 2?"}],"chat_template_kwargs":{"enable_thinking":false},"max_tokens":20,"ignore_eos":true}""");
        int[] ids = lines[0].GetProperty("ids").Deserialize<int[]>()!;
        Assert.Equal(20, ids.Length);
        Assert.Contains(2032, ids);
        Assert.Contains("<｜end▁of▁sentence｜>", lines[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Batched_MixedGreedyAndSeeded_EqualsEachAlone()
    {
        string[] inputs = [.. Question.All.Take(24).Select((q, i) =>
            $$"""{"ids":{{q.Ids.GetRawText()}},"max_tokens":{{30 + i}},"ignore_eos":true,"temperature":{{(i % 2 == 0 ? "0" : "0.9")}},"seed":{{1000 + i}}}""")];
        (_, JsonElement[] batched) = await GenerateAsync(inputs);
        foreach (int i in (int[])[1, 8, 23])
        {
            (_, JsonElement[] alone) = await GenerateAsync(inputs[i]);
            Assert.Equal(batched[i].GetRawText(), alone[0].GetRawText());
        }
    }

    [Theory]
    [InlineData(1, "generate")]
    [InlineData(1, "generate", "--model")]
    [InlineData(1, "generate", "--model", "x", "--modle", "y")]
    [InlineData(1, "generate", "--model", "x", "--port", "80")]
    [InlineData(1, "generate", "--model", "x", "--Cloud:Model", "y")]
    [InlineData(1, "render", "--templates", ".", "--now", "soon")]
    [InlineData(1, "nonsense")]
    [InlineData(2, "generate", "--model", "no-such-folder")]
    public async Task CommandLine_Wrong_SaysSoOnStandardErrorWithItsCode(int exitCode, params string[] arguments)
    {
        await using HostProcess host = HostProcess.Start(arguments);
        (int code, IReadOnlyList<string> output) = await host.FeedAsync([]);
        Assert.Equal(exitCode, code);
        Assert.NotEmpty(host.Errors);
        if (exitCode == 2) Assert.Empty(output);
    }

    private static async Task<(int ExitCode, JsonElement[] Lines)> GenerateAsync(params string[] lines)
    {
        await using HostProcess host = HostProcess.Start(["generate", "--model", Repository.TinyR1]);
        (int exitCode, IReadOnlyList<string> output) = await host.FeedAsync(lines);
        Assert.True(output.Count == lines.Length, $"{lines.Length} lines in, {output.Count} out. {host.Errors}");
        return (exitCode, [.. output.Select(line => JsonSerializer.Deserialize<JsonElement>(line))]);
    }

    private static string Message(JsonElement line) => line.GetProperty("error").GetProperty("message").GetString()!;
}
