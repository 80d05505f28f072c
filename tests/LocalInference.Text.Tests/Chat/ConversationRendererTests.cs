using System.Text.Json;
using LocalInference.Core.Completions;
using LocalInference.Testing;
using LocalInference.Text.Chat;
using LocalInference.Text.Parsing;

namespace LocalInference.Text.Tests.Chat;

public sealed class ConversationRendererTests
{
    private static readonly JsonElement Weather = JsonElement.Parse("""{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}""");

    private static readonly IReadOnlyDictionary<string, string> Tokens =
        new Dictionary<string, string> { ["bos_token"] = "<｜begin▁of▁sentence｜>", ["eos_token"] = "<｜end▁of▁sentence｜>" };

    [Fact]
    public void Render_TinyR1sQuestions_GivesTheRecordedPrompts()
    {
        ConversationRenderer renderer = Prompts.TinyR1();
        int count = 0;
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "questions.jsonl")))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            RenderedPrompt prompt = renderer.Render(new Prompt.Chat
            {
                Messages = [.. row.GetProperty("messages").EnumerateArray().Select(ReadMessage)],
                Tools = row.TryGetProperty("tools", out JsonElement tools) && tools.ValueKind == JsonValueKind.Array
                    ? [.. tools.EnumerateArray()]
                    : [],
                TemplateArguments = new Dictionary<string, JsonElement> { ["enable_thinking"] = row.GetProperty("thinking") },
            });
            Assert.Equal(row.GetProperty("prompt").GetString(), prompt.ToString());
            Assert.Equal(
                row.GetProperty("thinking").GetBoolean() && prompt.ToString().EndsWith("<think>\n", StringComparison.Ordinal),
                prompt.OpensReasoning);
            count++;
        }
        Assert.Equal(300, count);
    }

    [Theory]
    [InlineData("DeepSeek-R1-Distill-Llama-8B", "get_weather\n```json\n{\"city\":\"Paris\"}\n```")]
    [InlineData("DeepSeek-R1-Distill-first-release", "get_weather\n```json\n{\"city\":\"Paris\"}\n```")]
    [InlineData("DeepSeek-R1-Distill-Qwen-32B", "get_weather\n```json\n{\"city\": \"Paris\"}\n```")]
    [InlineData("llama-cpp-deepseek-r1", "get_weather\n```json\n{\"city\": \"Paris\"}\n```")]
    [InlineData("DeepSeek-V3.1", "get_weather<｜tool▁sep｜>{\"city\": \"Paris\"}<｜tool▁call▁end｜>")]
    [InlineData("DeepSeek-V3.2", "name=\"city\" string=\"true\">Paris</")]
    [InlineData("DeepSeek-V4", "name=\"city\" string=\"true\">Paris</")]
    [InlineData("DeepSeek-V4-Flash-0731", "name=\"city\" string=\"true\">Paris</")]
    [InlineData("Llama-3.1-8B-Instruct", "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}")]
    [InlineData("QwQ-32B", "\"arguments\": {\"city\": \"Paris\"}}")]
    [InlineData("Qwen2.5-7B-Instruct", "\"arguments\": {\"city\": \"Paris\"}}")]
    [InlineData("Qwen3-0.6B", "\"arguments\": {\"city\":\"Paris\"}}")]
    [InlineData("Qwen3-Coder", "<parameter=city>\nParis\n</parameter>")]
    [InlineData("Qwen3.5-4B", "<parameter=city>\nParis\n</parameter>")]
    public void Render_APastCall_ComesOutOnceAndUnescaped(string template, string expected)
    {
        ToolCall call = new("call_1", "get_weather", "{\"city\":\"Paris\"}");
        RenderedPrompt prompt = Renderer(template).Render(new Prompt.Chat
        {
            Messages =
            [
                new ChatMessage { Role = "user", Content = "Weather?" },
                new ChatMessage { Role = "assistant", Content = "Let me look.", ToolCalls = [call] },
                new ChatMessage { Role = "tool", Content = "21", ToolCallId = "call_1" },
                new ChatMessage { Role = "user", Content = "And?" },
            ],
        });
        Assert.Contains(expected, prompt.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\\\"city", prompt.ToString(), StringComparison.Ordinal);
        Assert.Contains("Let me look.", prompt.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DeepSeek-V3.1")]
    [InlineData("Qwen2.5-7B-Instruct")]
    public void Render_APastCallWithBrokenArguments_LosesNothing(string template)
    {
        RenderedPrompt prompt = Renderer(template).Render(new Prompt.Chat
        {
            Messages = [new ChatMessage { Role = "user", Content = "x" }, new ChatMessage { Role = "assistant", ToolCalls = [new ToolCall("c", "f", "{broken")] }],
        });
        Assert.Contains("{broken", prompt.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DeepSeek-R1-Distill-Llama-8B", "<｜tool▁sep｜>function_name\n```json\n")]
    [InlineData("DeepSeek-V3.1", "function_name<｜tool▁sep｜>{")]
    public void Render_ToolsThatTheTemplateLeavesOut_ArePutBeforeTheSystemText(string template, string example)
    {
        Prompt.Chat chat = new()
        {
            Messages = [new ChatMessage { Role = "system", Content = "Be <｜User｜> brief." }, new ChatMessage { Role = "user", Content = "Weather?" }],
            Tools = [Weather],
        };
        RenderedPrompt prompt = Renderer(template).Render(chat);
        string text = prompt.ToString();
        Assert.Contains("{\"name\": \"get_weather\", \"parameters\": ", text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("get_weather", StringComparison.Ordinal) < text.IndexOf("Be <｜User｜> brief.", StringComparison.Ordinal));
        Assert.Contains(prompt.Segments, segment => !segment.IsInput && segment.Text.Contains(example, StringComparison.Ordinal));
        Assert.Contains(prompt.Segments, segment => segment.IsInput && segment.Text.Contains("get_weather", StringComparison.Ordinal));
        Assert.Contains(
            prompt.Segments, segment => segment.IsInput && segment.Text.Contains("Be <｜User｜> brief.", StringComparison.Ordinal));
        Assert.Contains(
            "get_weather", Renderer(template).Render(chat with { Messages = [chat.Messages[1]] }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_ToolsWithSeveralSystemMessages_GoIntoTheLast()
    {
        ConversationRenderer renderer = new(new ChatTemplateSource("{% for m in messages %}[{{ m.content }}]{% endfor %}", null, Tokens));
        ChatMessage[] messages =
            [new() { Role = "system", Content = "A" }, new() { Role = "system", Content = "B" }, new() { Role = "user", Content = "C" }];
        string text = renderer.Render(new Prompt.Chat { Messages = messages, Tools = [Weather] }).ToString();
        Assert.StartsWith("[A][You can use", text, StringComparison.Ordinal);
        Assert.EndsWith("\n\nB][C]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_ToolsOfATemplateThatKnowsNone_TeachesTheSimplestForm()
    {
        ConversationRenderer renderer =
            new(new ChatTemplateSource("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}", null, Tokens));
        Assert.Equal(ToolCallFormat.Hermes, renderer.ToolCallFormat);
        Prompt.Chat chat = new() { Messages = [new ChatMessage { Role = "user", Content = "x" }], Tools = [Weather] };
        Assert.Contains("<tool_call>", renderer.Render(chat).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_WithAndWithoutTools_UsesTheTemplateForEach()
    {
        ConversationRenderer renderer = new(new ChatTemplateSource("plain", "tools: {{ tools[0].function.name }}", Tokens));
        Prompt.Chat chat = new() { Messages = [new ChatMessage { Role = "user", Content = "x" }] };
        Assert.Equal("plain", renderer.Render(chat).ToString());
        Assert.Equal("tools: get_weather", renderer.Render(chat with { Tools = [Weather] }).ToString());
    }

    [Fact]
    public void Render_ADeveloperMessage_IsNotDropped() =>
        Assert.Contains("Be terse.", Renderer("DeepSeek-R1-Distill-Llama-8B").Render(new Prompt.Chat
        {
            Messages = [new ChatMessage { Role = "developer", Content = "Be terse." }, new ChatMessage { Role = "user", Content = "x" }],
        }).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Render_PastReasoning_ReachesTheTemplateByBothNames()
    {
        ConversationRenderer renderer = new(new ChatTemplateSource("{{ messages[0].reasoning_content }}|{{ messages[0].thinking }}|{{ messages[1].thinking is defined }}", null, Tokens));
        Assert.Equal("why|why|False", renderer.Render(new Prompt.Chat
        {
            Messages = [new ChatMessage { Role = "assistant", Content = "a", Reasoning = "why" }, new ChatMessage { Role = "user", Content = "x" }],
        }).ToString());
    }

    [Theory]
    [InlineData("DeepSeek-R1-Distill-Llama-8B", null, true)]
    [InlineData("DeepSeek-R1-Distill-first-release", null, false)]
    [InlineData("DeepSeek-R1-Distill-Qwen-32B", null, true)]
    [InlineData("DeepSeek-R1-Distill-Qwen-32B", false, false)]
    [InlineData("DeepSeek-V3.1", null, false)]
    [InlineData("DeepSeek-V3.1", true, true)]
    [InlineData("DeepSeek-V3.2", true, true)]
    [InlineData("Qwen3-0.6B", null, false)]
    [InlineData("Qwen3-0.6B", false, false)]
    [InlineData("Qwen3.5-4B", null, true)]
    [InlineData("QwQ-32B", null, true)]
    public void OpensReasoning_OfARenderedPrompt_FollowsItsTail(string template, bool? thinking, bool expected)
    {
        RenderedPrompt prompt = Renderer(template).Render(new Prompt.Chat
        {
            Messages = [new ChatMessage { Role = "user", Content = "what is <think>?" }],
            TemplateArguments = thinking is { } flag
                ? new Dictionary<string, JsonElement> { ["enable_thinking"] = JsonElement.Parse(flag ? "true" : "false") }
                : [],
        });
        Assert.Equal(expected, prompt.OpensReasoning);
    }

    [Theory]
    [InlineData(true, "<think>", false)]
    [InlineData(true, "<think>\n", false)]
    [InlineData(true, "<think>", false, "go on", true)]
    [InlineData(false, "<think>", false, "done</think>", true)]
    [InlineData(false, "<think>", true)]
    [InlineData(false, "<think></think>", false)]
    [InlineData(false, "<think>\n\n</think>\n\n", false)]
    [InlineData(false, "<think>", false, "x", true, "<end>", false)]
    [InlineData(false, "", false)]
    public void OpensReasoning_OfSegments_CountsOnlyWhatTheTemplateOpened(bool expected, params object[] segments)
    {
        List<PromptSegment> made = [];
        for (int i = 0; i < segments.Length; i += 2)
            made.Add(new PromptSegment((string)segments[i], (bool)segments[i + 1]));
        Assert.Equal(expected, Prompts.Of(made).OpensReasoning);
    }

    private static ConversationRenderer Renderer(string template) =>
        new(new ChatTemplateSource(File.ReadAllText(ReferenceData.PathOf("chat-templates", "templates", template + ".jinja")), null, Tokens));

    private static ChatMessage ReadMessage(JsonElement message) => new()
    {
        Role = message.GetProperty("role").GetString()!,
        Content = message.GetProperty("content").GetString(),
        ToolCalls = message.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array
            ? [.. calls.EnumerateArray().Select(call => ReadCall(call.GetProperty("function")))]
            : [],
    };

    private static ToolCall ReadCall(JsonElement function) =>
        new("call_1", function.GetProperty("name").GetString()!, ReadArguments(function.GetProperty("arguments")));

    private static string ReadArguments(JsonElement arguments) =>
        arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : arguments.GetRawText();
}
