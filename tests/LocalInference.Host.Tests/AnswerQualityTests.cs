using System.Net.Http.Json;
using System.Text.Json;
using LocalInference.Host.Tests.Processes;
using LocalInference.Testing;

namespace LocalInference.Host.Tests;

/// <summary>What the whole server says to the 300 questions, compared with onnxruntime-genai on the same weights (288 right).</summary>
public sealed class AnswerQualityTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Chat_AllQuestionsSixteenAtATime_AtLeast285AreRight()
    {
        await using HostProcess host = await HostProcess.ServeAsync();
        using HttpClient client = new() { BaseAddress = host.Url };
        int right = 0;
        await Parallel.ForEachAsync(Question.All, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (question, cancelled) =>
        {
            if (await AskAsync(client, question, cancelled) == question.Answer) Interlocked.Increment(ref right);
        });
        output.WriteLine($"{right} of {Question.All.Count} right");
        Assert.True(right >= 285, $"{right} of {Question.All.Count} right");
    }

    [Fact]
    public async Task Generate_TheQuestionsIds_AtLeast290EqualGenai()
    {
        await using HostProcess host = HostProcess.Start(["generate", "--model", Repository.TinyR1]);
        (int exitCode, IReadOnlyList<string> lines) = await host.FeedAsync(
            Question.All.Select(q => $$"""{"ids":{{q.Ids.GetRawText()}},"max_tokens":600}"""));
        Assert.True(exitCode == 0, host.Errors);
        Assert.Equal(Question.All.Count, lines.Count);
        List<int> differing = [.. Enumerable.Range(0, lines.Count).Where(i => !Ids(lines[i]).SequenceEqual(Question.All[i].GoldenIds))];
        output.WriteLine($"{lines.Count - differing.Count} of {lines.Count} equal; differing: {string.Join(", ", differing)}");
        Assert.True(lines.Count - differing.Count >= 290, $"differing: {string.Join(", ", differing)}");
    }

    private static int[] Ids(string line) => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("ids").Deserialize<int[]>()!;

    private static async Task<string> AskAsync(HttpClient client, Question question, CancellationToken cancelled)
    {
        Dictionary<string, object> body = new()
        {
            ["model"] = "tiny-r1",
            ["messages"] = question.Messages,
            ["temperature"] = 0,
            ["max_tokens"] = 600,
            ["chat_template_kwargs"] = new { enable_thinking = question.Thinking },
        };
        if (question.Tools.ValueKind == JsonValueKind.Array) body["tools"] = question.Tools;
        using HttpResponseMessage response = await client.PostAsJsonAsync("/v1/chat/completions", body, cancelled);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancelled);
        JsonElement message = answer.GetProperty("choices")[0].GetProperty("message");
        return message.TryGetProperty("tool_calls", out JsonElement calls) ? AsWritten(calls) : message.GetProperty("content").GetString()!;
    }

    /// <summary>Tool calls as the model writes them, which is how the questions' answers spell them.</summary>
    private static string AsWritten(JsonElement calls) =>
        "<｜tool▁calls▁begin｜>" + string.Join("\n", calls.EnumerateArray().Select(call => call.GetProperty("function")).Select(f =>
            $"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{f.GetProperty("name").GetString()}\n```json\n{f.GetProperty("arguments").GetString()}\n```<｜tool▁call▁end｜>")) + "<｜tool▁calls▁end｜>";
}
