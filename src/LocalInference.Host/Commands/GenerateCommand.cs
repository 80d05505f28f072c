using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalInference.Api.Wire;
using LocalInference.Core.Completions;
using LocalInference.Core.Errors;
using LocalInference.Host.Settings;
using LocalInference.Hosting;
using LocalInference.Options;

namespace LocalInference.Host.Commands;

/// <summary>Answers JSON lines without HTTP, batched by the same scheduler.</summary>
internal static class GenerateCommand
{
    private const string Text =
        """
        Reads JSON lines from standard input to the end, answers them batched, and writes one JSON line each, in order.
        In: "ids" or "messages" (with "tools", "chat_template_kwargs"); optional "max_tokens" (default: to the context's end),
        "ignore_eos" (end tokens are kept and generation goes on), "temperature" (default 0: greedy), "top_p", "top_k", "min_p" (default: the model
        folder's), "seed" (default: a fresh one).
        Out: {"ids", "text", "finish_reason": "stop" | "length"}; ids hold the end token, text does not. A line that fails gives
        {"error": {"message"}}; others go on.
        Exit code 0 when every line got its line, 1 for a bad command line, 2 when the model cannot be loaded.
        """;

    public static Command Create()
    {
        Command command = new("generate", Text);
        foreach (Option<string> option in SettingArguments.CreateOptions(listens: false)) command.Add(option);
        command.SetAction((parsed, cancelled) => SettingsSource.Read(parsed, listens: false) is { } options
            ? RunAsync(options.Inference, cancelled)
            : Task.FromResult(ExitCodes.BadCommandLine));
        return command;
    }

    private static async Task<int> RunAsync(LocalInferenceOptions options, CancellationToken cancelled)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ToStandardError();
        builder.Services.AddLocalInference(options);
        using IHost host = builder.Build();
        await host.StartAsync(cancelled);
        LocalEngine engine = host.Services.GetRequiredService<LocalEngine>();
        try
        {
            await engine.Ready.WaitAsync(cancelled);
        }
        catch (ModelLoadException)
        {
            // The log has said why, on standard error.
            return ExitCodes.ModelNotLoaded;
        }
        // As many lines as there are places; the rest wait to be read.
        int places = options.Engine.MaxSequences + options.Engine.MaxQueuedRequests;
        await using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
        int number = 0;
        await JsonLines.RunAsync(
            input, output, places, (line, token) => AnswerAsync(engine, line, Interlocked.Increment(ref number), token), cancelled);
        await host.StopAsync(CancellationToken.None);
        return ExitCodes.Success;
    }

    private static async Task<JsonObject> AnswerAsync(LocalEngine engine, JsonElement line, int number, CancellationToken cancelled)
    {
        if (!LineValidator.TryValidate(line, $"line-{number}", out CompletionRequest? request, out string? faults))
            return JsonLines.Error(faults);
        (AdmissionLease? lease, InferenceFailure? refusal) = await engine.AdmitWhenFreeAsync(request, cancelled);
        if (lease is null) return JsonLines.Error(refusal!.Message);
        JsonArray ids = [];
        StringBuilder text = new();
        await foreach (CompletionChunk chunk in engine.CompleteAsync(lease, cancelled))
        {
            switch (chunk)
            {
                case CompletionChunk.Tokens tokens:
                    foreach (int id in tokens.Ids.Span) ids.Add(id);
                    text.Append(tokens.Text);
                    break;
                case CompletionChunk.Failed failed:
                    return JsonLines.Error(failed.Failure.Message);
                case CompletionChunk.Finished finished:
                    return new JsonObject { ["ids"] = ids, ["text"] = text.ToString(), ["finish_reason"] = finished.Reason.WireName() };
            }
        }
        throw new InvalidOperationException($"Line {number} ended without a last chunk.");
    }
}
