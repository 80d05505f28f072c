using System.Globalization;
using System.Text.Json;
using LocalInference.Testing;
using LocalInference.Text.Chat;
using LocalInference.Text.Chat.Jinja;

namespace LocalInference.Text.Tests.Chat;

/// <summary>Every recorded rendering of Hugging Face's own environment.</summary>
public sealed class TemplateReferenceTests
{
    // Python's bytes (str.encode) are left out: no prompt is made of them.
    private static readonly string[] LeftOut = ["string-143"];

    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2025-01-31T12:34:56Z", CultureInfo.InvariantCulture);

    [Fact]
    public void Render_ConversationsOfAllTemplates_GiveTheRecordedText()
    {
        Dictionary<string, ChatTemplate> templates = [];
        Check(ReferenceData.PathOf("chat-templates", "cases.jsonl"), row =>
        {
            string file = row.GetProperty("template").GetString()!;
            if (!templates.TryGetValue(file, out ChatTemplate? template))
                templates[file] =
                    template = ChatTemplate.Compile(File.ReadAllText(ReferenceData.PathOf("chat-templates", "templates", file)));
            return template.Render(ChatTemplateInput.FromJson(row)).ToString();
        });
    }

    [Fact]
    public void Render_ConversationsReadExactly_GiveTheRecordedErrorsToo()
    {
        ChatTemplateOptions exact = new() { Reading = TemplateReading.Exact };
        Check(
            ReferenceData.PathOf("chat-templates", "cases.jsonl"),
            row =>
            {
                string file = row.GetProperty("template").GetString()!;
                string source = File.ReadAllText(ReferenceData.PathOf("chat-templates", "templates", file));
                return ChatTemplate.Compile(source, exact).Render(ChatTemplateInput.FromJson(row)).ToString();
            },
            allowsLenient: false);
    }

    [Fact]
    public void Render_JinjaFeatures_GiveTheRecordedText()
    {
        ChatTemplateOptions exact = new() { Reading = TemplateReading.Exact };
        Check(ReferenceData.PathOf("chat-templates", "jinja-features.jsonl"), row =>
            ChatTemplate.Compile(row.GetProperty("template").GetString()!, exact).Render(row.GetProperty("context"), Now).ToString());
    }

    private static void Check(string path, Func<JsonElement, string> render, bool allowsLenient = true)
    {
        List<string> wrong = [];
        int count = 0;
        foreach (string line in File.ReadLines(path))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            if (LeftOut.Contains(row.GetProperty("id").GetString()))
                continue;
            count++;
            if (Difference(row, () => render(row), allowsLenient) is { } difference)
                wrong.Add($"{row.GetProperty("id").GetString()}: {difference}");
        }
        Assert.True(count > 0);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} differ:\n{string.Join('\n', wrong)}");
    }

    private static string? Difference(JsonElement row, Func<string> render, bool allowsLenient)
    {
        string? rendered = null;
        TemplateException? error = null;
        try
        {
            rendered = render();
        }
        catch (TemplateException thrown)
        {
            error = thrown;
        }
        if (row.TryGetProperty("rendered", out JsonElement wanted))
            return rendered == wanted.GetString() ? null : $"rendered {Show(rendered, error)}, not {wanted}";
        bool hasLenient = row.TryGetProperty("lenient", out JsonElement lenient);
        if (allowsLenient && hasLenient && lenient.TryGetProperty("rendered", out JsonElement text) && rendered == text.GetString())
            return null;
        JsonElement wantedError = row.GetProperty("error");
        if (error is null)
            return $"rendered {Show(rendered, error)}, not the error {wantedError}";
        bool isRaised = wantedError.GetProperty("kind").GetString() == "raised";
        return isRaised && (error.Kind != TemplateErrorKind.Raised || error.Message != wantedError.GetProperty("message").GetString())
            ? $"raised '{error.Message}', not {wantedError}"
            : null;
    }

    private static string Show(string? rendered, TemplateException? error) =>
        rendered is null ? $"nothing but {error!.Kind} '{error.Message}'" : $"'{rendered}'";
}
