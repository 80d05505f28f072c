using System.Collections.Concurrent;
using System.CommandLine;
using System.CommandLine.Parsing;
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
        Reads JSON lines with chat templates and conversations and writes {"rendered"}.
        A line names a file of the folder as "template" and gives "messages", optionally "tools", "documents", "add_generation_prompt",
        "continue_final_message", "extra" (further variables), "bos_token", "eos_token" and "now" (the clock); it is read as the server reads it.
        A line with "context" tries the language itself: "template" is the text, the context's keys are its variables, and it is read as strictly as
        Hugging Face does. A template that raises gives {"error": {"message"}} with its own words.
        """;

    /// <summary>The clock that Hugging Face's renderings in the reference data were made with.</summary>
    private const string ReferenceClock = "2025-01-31T12:34:56";

    private static readonly ChatTemplateOptions Exact = new() { Reading = TemplateReading.Exact };

    public static Command Create()
    {
        Option<string> folder = new("--templates") { Description = "The folder of template files.", HelpName = "FOLDER", Required = true };
        Option<DateTimeOffset> now = new("--now")
        {
            Description = $"What templates see as the time, where a line has no \"now\". Default {ReferenceClock}: "
                + "a line gives the same answer on every day.",
            HelpName = "TIME",
            CustomParser = ReadTime,
        };
        Command command = new("render", Text) { folder, now };
        command.SetAction((parsed, cancelled) =>
            RunAsync(parsed.GetValue(folder)!, parsed.GetResult(now) is null ? Clock(ReferenceClock) : parsed.GetValue(now), cancelled));
        return command;
    }

    private static async Task<int> RunAsync(string folder, DateTimeOffset now, CancellationToken cancelled)
    {
        if (!Directory.Exists(folder))
        {
            Console.Error.WriteLine($"--templates: there is no folder '{folder}'.");
            return ExitCodes.ModelNotLoaded;
        }
        ConcurrentDictionary<string, ChatTemplate> compiled = new();
        await JsonLines.RunAsync(line => Answer(line, now, name => compiled.GetOrAdd(name, n => Load(folder, n))), cancelled);
        return ExitCodes.Success;
    }

    private static JsonObject Answer(JsonElement line, DateTimeOffset now, Func<string, ChatTemplate> templates)
    {
        if (!LineFields.TryText(line, "template", out string template, out string fault)) return JsonLines.Error(fault);
        try
        {
            RenderedPrompt prompt = line.TryGetProperty("context", out JsonElement context)
                ? ChatTemplate.Compile(template, Exact).Render(context, now)
                : templates(template).Render(ConversationOf(line, now));
            return new JsonObject { ["rendered"] = prompt.ToString() };
        }
        catch (Exception refused) when (refused is TemplateException or InvalidDataException or IOException)
        {
            return JsonLines.Error(refused.Message);
        }
    }

    private static ChatTemplateInput ConversationOf(JsonElement line, DateTimeOffset now)
    {
        ChatTemplateInput input = ChatTemplateInput.FromJson(line);
        return input with { Now = input.Now ?? now };
    }

    private static DateTimeOffset Clock(string text) => ChatTemplateInput.ReadTime("--now", text);

    private static DateTimeOffset ReadTime(ArgumentResult argument)
    {
        try
        {
            return Clock(argument.Tokens[0].Value);
        }
        catch (InvalidDataException fault)
        {
            argument.AddError(fault.Message);
            return default;
        }
    }

    private static ChatTemplate Load(string folder, string name)
    {
        if (Path.GetFileName(name) != name || name is "." or "..")
            throw new InvalidDataException($"template: '{name}' must be the name of a file in the folder.");
        return ChatTemplate.Compile(File.ReadAllText(Path.Combine(folder, name)));
    }
}
