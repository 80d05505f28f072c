using System.CommandLine;
using Spectre.Console;

namespace LocalInference.Bench.Load;

/// <summary><c>bench load</c>: how fast a server answers several requests at once.</summary>
internal sealed class LoadCommand
{
    private readonly Option<Uri?> _url = LoadOptions.Url();
    private readonly Option<ConcurrencyLevels> _concurrency = LoadOptions.Concurrency();
    private readonly Option<int> _requests = LoadOptions.Number("--requests", 64, 1, 100_000, "Requests of each level.");
    private readonly Option<int> _promptTokens = LoadOptions.Number("--prompt-tokens", 128, 1, 1_000_000,
        "Tokens of each prompt, chat template included. Prompts are random words; two requests sent beforehand tell how many tokens a word "
        + "takes, and the table shows what the server counted (usage.prompt_tokens, mean).");
    private readonly Option<int> _outputTokens = LoadOptions.Number("--output-tokens", 64, 1, 1_000_000,
        "Tokens of each answer. Asked as max_tokens with ignore_eos; "
        + "a server without ignore_eos may stop earlier, and the table shows what it counted.");
    private readonly Option<string?> _model = new("--model")
    {
        Description = "Model to ask for, by the server's name. Default: the first that GET /v1/models names.",
        HelpName = "NAME",
    };
    private readonly Option<int?> _seed = LoadOptions.Seed();
    private readonly Option<string?> _keyVariable = new("--api-key-variable")
    {
        Description = "Environment variable that holds the server's API key. Default: no key is sent.",
        HelpName = "NAME",
    };
    private readonly Option<bool> _probe = new("--probe")
    {
        Description = $"Also asks GET /v1/models every {ServerProbe.Interval.TotalMilliseconds} ms during each level, and shows how long "
            + "that took: whether the server still answers while it computes, for example with --prompt-tokens 2000 --output-tokens 1.",
    };
    private readonly Option<bool> _json = new("--json")
    {
        Description = "One JSON object per level on standard output in place of the table; times in milliseconds.",
    };

    /// <param name="serverArguments">Passed on to <c>./scripts/serve</c> when the run starts its own server.</param>
    public static Command Create(string[] serverArguments)
    {
        LoadCommand load = new();
        Command command = new(
            "load",
            "Measures output tokens per second, time to first token and gaps between tokens (exact p50, p95, p99) with several requests in "
            + "flight, streamed, each answer that ends making room for the next request. Measures this checkout's server, started for the "
            + "purpose (arguments after -- go to ./scripts/serve), or any OpenAI-compatible one with --url. Exit code 1 when any "
            + "request failed.");
        Option[] options =
        [
            load._url, load._concurrency, load._requests, load._promptTokens, load._outputTokens, load._model, load._seed,
            load._keyVariable, load._probe, load._json,
        ];
        foreach (Option option in options) command.Add(option);
        command.SetAction((parsed, cancelled) => load.RunAsync(parsed, serverArguments, cancelled));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, string[] serverArguments, CancellationToken cancellationToken)
    {
        try
        {
            string? key = LoadOptions.Key(parsed.GetValue(_keyVariable));
            Uri? url = parsed.GetValue(_url);
            if (url is not null && serverArguments.Length > 0)
                throw new BenchException(
                    "Arguments after -- are for a server started here, and --url names one that runs already: leave out one of the two.");
            await using OwnServer? own = url is null ? await StartServerAsync(serverArguments, cancellationToken) : null;
            using ChatClient client = new(url ?? own!.Url, key);
            return await MeasureAsync(parsed, client, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted; the levels that had ended stand above.");
            return Commands.Interrupted;
        }
        catch (BenchException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private async Task<int> MeasureAsync(ParseResult parsed, ChatClient client, CancellationToken cancellationToken)
    {
        LoadPlan plan = Plan(parsed);
        string model = parsed.GetValue(_model) ?? await client.FirstModelAsync(cancellationToken);
        if (plan.Levels.Max() > plan.Requests)
            await Console.Error.WriteLineAsync(
                $"--requests {plan.Requests} cannot keep {plan.Levels.Max()} in flight; levels above {plan.Requests} run with "
                + $"{plan.Requests}.");
        await Console.Error.WriteLineAsync($"Model {model}, prompts by --seed {plan.Seed}.");
        LoadGenerator generator = new(client, model, plan);
        await generator.CalibrateAsync(cancellationToken);
        List<LevelResult> results = [];
        try
        {
            await LoadProgress.ShowAsync(
                plan, async (level, onAnswered) => results.Add(await generator.RunAsync(level, onAnswered, cancellationToken)));
        }
        finally
        {
            // An interruption takes only the level that it meets.
            Print(results, parsed.GetValue(_json));
        }
        return results.Any(r => r.Failed > 0 || r.Probe is { Failed: > 0 }) ? 1 : 0;
    }

    private static void Print(List<LevelResult> results, bool json)
    {
        if (json)
            results.ForEach(r => Console.Out.WriteLine(LoadReport.Json(r)));
        else if (results.Count > 0)
            LoadReport.WriteTable(AnsiConsole.Console, results);
    }

    private LoadPlan Plan(ParseResult parsed) => new()
    {
        Levels = parsed.GetRequiredValue(_concurrency).Values,
        Requests = parsed.GetValue(_requests),
        PromptTokens = parsed.GetValue(_promptTokens),
        OutputTokens = parsed.GetValue(_outputTokens),
        Probes = parsed.GetValue(_probe),
        Seed = parsed.GetValue(_seed) ?? Random.Shared.Next(),
    };

    private static Task<OwnServer> StartServerAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (Checkout.Root() is { } root)
            return OwnServer.StartAsync(Path.Combine(root, "scripts", "serve"), arguments, cancellationToken);
        throw new BenchException("This program was moved out of its checkout and finds no server to start: name a running one with --url.");
    }
}
