namespace LocalInference.Bench.Load;

/// <summary>What is asked of the server.</summary>
internal sealed record LoadPlan
{
    /// <summary>Requests in flight, one level after the other.</summary>
    public required IReadOnlyList<int> Levels { get; init; }

    /// <summary>Requests of each level.</summary>
    public required int Requests { get; init; }

    /// <summary>Tokens of each prompt, template included; met to within a few words.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Tokens of each answer; exact on servers that know <c>ignore_eos</c>.</summary>
    public required int OutputTokens { get; init; }

    /// <summary>Whether the server is asked small questions meanwhile.</summary>
    public bool Probes { get; init; }

    /// <summary>The same seed gives the same prompts.</summary>
    public required int Seed { get; init; }
}
