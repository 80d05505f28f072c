using System.Text;
using System.Text.Json;
using CsCheck;
using LocalInference.Api.Tests.Testing;
using LocalInference.Core.Completions;
using static LocalInference.Core.Completions.CompletionChunk;

namespace LocalInference.Api.Tests.Streaming;

/// <summary>Whatever the answer, a client that puts a stream together has what it would have got whole.</summary>
public sealed class StreamEqualsWholeTests
{
    private static readonly string[] Awkward = ["\n", "\"", "\\", "\t", "é", "世界", "😀", "\u2028", "</think>", "data: [DONE]\n\n", "\u0000", "<script>"];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 1, 6],
        Gen.Int[0, Awkward.Length - 1].Select(i => Awkward[i]));

    private static readonly Gen<CompletionChunk[]> Answers =
        from reasoning in Text.Array[0, 4]
        from content in Text.Array[0, 4]
        from calls in Text.Array[0, 3].Array[0, 3]
        from numbers in Gen.Int[0, 1000].Array[4]
        from reason in Gen.Enum<FinishReason>()
        select (CompletionChunk[])
        [
            new Started("tiny"),
            .. reasoning.Select(text => new Reasoning(text)),
            .. content.Select(text => new Content(text)),
            .. calls.SelectMany((arguments, index) => arguments.Select(CompletionChunk (text) => new ToolCallArguments(index, text)).Prepend(new ToolCallStarted(index, $"call_{index}", "f"))),
            new Finished(reason, new Usage(numbers[0], numbers[1], numbers[2], numbers[3])),
        ];

    [Fact]
    public async Task Stream_PutTogether_EqualsTheWholeAnswer()
    {
        CompletionChunk[] answer = [];
        await using TestApp app = await TestApp.StartAsync(
            new ScriptedRouter(_ => new RoutedCompletion(ServedBy.Local, token => ScriptedRouter.Play(answer, token))));

        await Answers.SampleAsync(
            async chunks =>
            {
                answer = chunks;
                string stream = await app.PostTextAsync("""{"messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}}""");
                JsonElement whole = JsonElement.Parse(await app.PostTextAsync("""{"messages":[{"role":"user","content":"Hi"}]}"""));
                return Assemble(stream) == Describe(whole);
            },
            iter: 300,
            threads: 1);
    }

    private static string Describe(JsonElement whole)
    {
        JsonElement choice = whole.GetProperty("choices")[0];
        JsonElement message = choice.GetProperty("message");
        string[] calls = message.TryGetProperty("tool_calls", out JsonElement list)
            ? [.. list.EnumerateArray().Select(call => $"{call.GetProperty("id")}:{call.GetProperty("function").GetProperty("name")}:{call.GetProperty("function").GetProperty("arguments")}")]
            : [];
        return Join(TextOf(message, "reasoning"), TextOf(message, "reasoning_content"), TextOf(message, "content"), calls, choice.GetProperty("finish_reason").GetString()!, whole.GetProperty("usage").GetRawText());
    }

    private static string Assemble(string stream)
    {
        StringBuilder reasoning = new(), reasoningContent = new(), content = new();
        List<string> calls = [];
        string reason = "", usage = "";
        string[] frames = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", frames[^1]);
        foreach (JsonElement chunk in frames[..^1].Select(frame => JsonElement.Parse(frame["data: ".Length..])))
        {
            if (chunk.GetProperty("choices").GetArrayLength() == 0)
            {
                usage = chunk.GetProperty("usage").GetRawText();
                continue;
            }
            JsonElement choice = chunk.GetProperty("choices")[0];
            JsonElement delta = choice.GetProperty("delta");
            reasoning.Append(TextOf(delta, "reasoning"));
            reasoningContent.Append(TextOf(delta, "reasoning_content"));
            content.Append(TextOf(delta, "content"));
            reason = TextOf(choice, "finish_reason") ?? reason;
            if (!delta.TryGetProperty("tool_calls", out JsonElement list)) continue;
            JsonElement call = Assert.Single(list.EnumerateArray());
            JsonElement function = call.GetProperty("function");
            if (call.TryGetProperty("id", out JsonElement id)) calls.Add($"{id}:{function.GetProperty("name")}:");
            calls[call.GetProperty("index").GetInt32()] += function.GetProperty("arguments").GetString();
        }
        return Join(reasoning.ToString(), reasoningContent.ToString(), content.ToString(), calls, reason, usage);
    }

    private static string Join(string? reasoning, string? reasoningContent, string? content, IEnumerable<string> calls, string reason, string usage) =>
        JsonSerializer.Serialize(new { reasoning = reasoning ?? "", reasoningContent = reasoningContent ?? "", content = content ?? "", calls, reason, usage });

    private static string? TextOf(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
