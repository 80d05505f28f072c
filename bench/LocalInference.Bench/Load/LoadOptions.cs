using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace LocalInference.Bench.Load;

/// <summary>Command-line options whose values have a range, with errors that name it.</summary>
internal static class LoadOptions
{
    private const int MaxConcurrency = 1024;

    /// <summary>A whole number within a range.</summary>
    public static Option<int> Number(string name, int byDefault, int min, int max, string description) => new(name)
    {
        Description = $"{description} {min} to {max}.",
        HelpName = "N",
        DefaultValueFactory = _ => byDefault,
        CustomParser = result => Parse(result, name, result.Tokens[0].Value, min, max),
    };

    /// <summary>What the prompts are drawn by.</summary>
    public static Option<int?> Seed() => new("--seed")
    {
        Description = "Makes the prompts repeatable. Default: drawn afresh, since a server that has seen the prompts may answer from its "
            + "prefix cache.",
        HelpName = "N",
        CustomParser = result => Parse(result, "--seed", result.Tokens[0].Value, int.MinValue, int.MaxValue),
    };

    /// <summary>A list of levels.</summary>
    public static Option<ConcurrencyLevels> Concurrency() => new("--concurrency")
    {
        Description = $"Requests in flight: one level, or several with commas. 1 to {MaxConcurrency} each.",
        HelpName = "N,N,…",
        DefaultValueFactory = _ => new ConcurrencyLevels([1, 8, 32]),
        CustomParser = result => new ConcurrencyLevels(
            [.. result.Tokens[0].Value.Split(',').Select(part => Parse(result, "--concurrency", part, 1, MaxConcurrency))]),
    };

    /// <summary>The server.</summary>
    public static Option<Uri?> Url() => new("--url")
    {
        Description = "Server to measure, for example http://127.0.0.1:8000 (with or without /v1). "
            + "Default: ./scripts/serve is started on a free port and stopped afterwards.",
        HelpName = "URL",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https") return url;
            result.AddError($"--url is '{text}'; it must be an http or https address, for example http://127.0.0.1:8000.");
            return null;
        },
    };

    /// <summary>The key that a variable holds.</summary>
    /// <exception cref="BenchException">It holds none.</exception>
    public static string? Key(string? variable)
    {
        if (variable is null) return null;
        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } key
            ? key
            : throw new BenchException($"--api-key-variable names '{variable}', which is not set: export it, or leave the option out.");
    }

    private static int Parse(ArgumentResult result, string name, string text, int min, int max)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max)
            return value;
        result.AddError($"{name} is '{text}'; it must be a whole number from {min} to {max}.");
        return min;
    }
}

/// <summary>The levels of a run; a type of its own so that the help shows them as they are written.</summary>
internal sealed record ConcurrencyLevels(IReadOnlyList<int> Values)
{
    public override string ToString() => string.Join(',', Values);
}
