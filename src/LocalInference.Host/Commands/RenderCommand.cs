using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalInference.Text.Chat;
using LocalInference.Text.Chat.Jinja;

namespace LocalInference.Host.Commands;

/// <summary>Chat templates without a model, JSON lines in and out.</summary>
internal static class RenderCommand
{
    private const string Text =
        """
        Reads lines and writes {"rendered"}. A line names a file of the folder as "template" and gives "messages", optionally "tools", "documents",
        "add_generation_prompt", "continue_final_message", "extra" (further variables), "bos_token", "eos_token" and "now" (the clock); it is read as the server
        reads it. A line with "context" is for trying the language itself: "template" is the text, the context's keys are its variables, it is read as strictly as
        Hugging Face does, and the clock stands at 2025-01-31T12:34:56 so that the answer is the same on every day.
        A template that raises gives {"error": {"message"}} with its own words.
        """;

    private static readonly ChatTemplateOptions Exact = new() { Reading = TemplateReading.Exact };

    /// <summary>The clock of template texts: the one that Hugging Face's renderings in the reference data were made with.</summary>
    private static readonly DateTimeOffset FixedClock = new(2025, 1, 31, 12, 34, 56, TimeSpan.Zero);

    public static Command Create()
    {
        Option<string> folder = new("--templates") { Description = "The folder of template files.", HelpName = "FOLDER", Required = true };
        Command command = new("render", Text) { folder };
        command.SetAction((parsed, cancelled) => RunAsync(parsed.GetValue(folder)!, cancelled));
        return command;
    }

    private static async Task<int> RunAsync(string folder, CancellationToken cancelled)
    {
        if (!Directory.Exists(folder))
        {
            Console.Error.WriteLine($"--templates: there is no folder '{folder}'.");
            return ExitCodes.ModelNotLoaded;
        }
        ConcurrentDictionary<string, ChatTemplate> compiled = new();
        await JsonLines.RunAsync(line => Answer(line, name => compiled.GetOrAdd(name, n => Load(folder, n))), cancelled);
        return ExitCodes.Success;
    }

    private static JsonObject Answer(JsonElement line, Func<string, ChatTemplate> templates)
    {
        if (!LineFields.TryText(line, "template", out string template, out string fault)) return JsonLines.Error(fault);
        try
        {
            RenderedPrompt prompt = line.TryGetProperty("context", out JsonElement context)
                ? ChatTemplate.Compile(template, Exact).Render(context, FixedClock)
                : templates(template).Render(ChatTemplateInput.FromJson(line));
            return new JsonObject { ["rendered"] = prompt.ToString() };
        }
        catch (Exception refused) when (refused is TemplateException or InvalidDataException or IOException)
        {
            return JsonLines.Error(refused.Message);
        }
    }

    private static ChatTemplate Load(string folder, string name)
    {
        if (Path.GetFileName(name) != name || name is "." or "..") throw new InvalidDataException($"template: '{name}' must be the name of a file in the folder.");
        return ChatTemplate.Compile(File.ReadAllText(Path.Combine(folder, name)));
    }
}
