using System.Text;
using System.Text.Json.Nodes;
using LocalInference.Host.Commands;

namespace LocalInference.Host.Tests.Commands;

public sealed class JsonLinesTests
{
    private static async Task<string[]> RunAsync(string input, int concurrency, Func<int, Task<JsonObject>> answer)
    {
        using MemoryStream output = new();
        await JsonLines.RunAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(input)), output, concurrency, (line, _) => answer(line.GetProperty("n").GetInt32()), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray()).Split('\n')[..^1];
    }

    private static string Input(int count) => string.Concat(Enumerable.Range(0, count).Select(n => $$"""{"n":{{n}}}""" + "\n"));

    [Fact]
    public async Task Run_AnswersThatComeOutOfOrder_AreWrittenInOrder()
    {
        TaskCompletionSource last = new();
        string[] lines = await RunAsync(Input(5), 5, async n =>
        {
            if (n == 4) last.SetResult();
            else await last.Task;
            return new JsonObject { ["n"] = n };
        });
        Assert.Equal(Enumerable.Range(0, 5).Select(n => $$"""{"n":{{n}}}"""), lines);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Run_MoreLinesThanPlaces_NeverWorksOnMoreAtOnce(int concurrency)
    {
        int working = 0, most = 0;
        await RunAsync(Input(40), concurrency, async n =>
        {
            most = Math.Max(most, Interlocked.Increment(ref working));
            await Task.Yield();
            Interlocked.Decrement(ref working);
            return new JsonObject();
        });
        Assert.InRange(most, 1, concurrency);
    }

    [Fact]
    public async Task Run_LinesThatAreNoObjects_GiveErrorsInTheirPlaces()
    {
        string[] lines = await RunAsync("{\"n\":1}\n\nnull\n[1]\n{\"n\":2}", 2, n => Task.FromResult(new JsonObject { ["n"] = n }));
        Assert.Equal(5, lines.Length);
        Assert.Equal(("{\"n\":1}", "{\"n\":2}"), (lines[0], lines[4]));
        Assert.All(lines[1..4], line => Assert.StartsWith("{\"error\":{\"message\":\"A line must be a JSON object", line));
    }

    [Fact]
    public async Task Run_ALineWithABug_DoesNotTakeTheOthers()
    {
        string[] lines = await RunAsync(
            Input(3), 3, n => n == 1 ? throw new InvalidOperationException("boom") : Task.FromResult(new JsonObject { ["n"] = n }));
        Assert.Equal("""{"error":{"message":"This line failed: boom"}}""", lines[1]);
        Assert.Equal("""{"n":2}""", lines[2]);
    }

    [Fact]
    public async Task Run_NoInput_WritesNothing() => Assert.Empty(await RunAsync("", 2, _ => throw new InvalidOperationException()));

    [Fact]
    public async Task Run_TextBeyondAscii_StaysReadable()
    {
        string[] lines = await RunAsync(Input(1), 1, _ => Task.FromResult(new JsonObject { ["t"] = "<｜é&漢" }));
        Assert.Equal("""{"t":"<｜é&漢"}""", lines[0]);
    }
}
