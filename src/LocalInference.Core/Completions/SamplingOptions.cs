namespace LocalInference.Core.Completions;

/// <summary>Sampling as a client asks for it; null = not asked. Ranges are checked before a value gets here.</summary>
public sealed record SamplingOptions
{
    /// <summary>The highest temperature, as OpenAI allows it.</summary>
    public const double MaxTemperature = 2;

    /// <value>0 to 2; 0 is greedy.</value>
    public double? Temperature { get; init; }

    /// <value>Above 0, up to 1; 1 is off.</value>
    public double? TopP { get; init; }

    /// <value>0 or above; 0 is off.</value>
    public int? TopK { get; init; }

    /// <value>0 to 1; 0 is off.</value>
    public double? MinP { get; init; }

    /// <value>Any number: the same seed, prompt and options give the same tokens. Null draws a fresh one.</value>
    public long? Seed { get; init; }

    /// <summary>
    /// What was asked, by wire name, so that who cannot honour all of it can say what is missing. Without the seed, which is a promise of
    /// this model's alone: a request that has one is answered here or not at all.
    /// </summary>
    public IEnumerable<(string Name, double Value)> Asked()
    {
        if (Temperature is { } temperature) yield return ("temperature", temperature);
        if (TopP is { } topP) yield return ("top_p", topP);
        if (TopK is { } topK) yield return ("top_k", topK);
        if (MinP is { } minP) yield return ("min_p", minP);
    }

    /// <summary>Fills what was not asked with the model's defaults.</summary>
    /// <param name="defaults">The model folder's own values.</param>
    /// <param name="freshSeed">Used when no seed was asked for.</param>
    public SamplingParameters Resolve(SamplingParameters defaults, long freshSeed) => new(
        Temperature ?? defaults.Temperature,
        TopP ?? defaults.TopP,
        TopK ?? defaults.TopK,
        MinP ?? defaults.MinP,
        Seed ?? freshSeed);
}

/// <summary>Sampling with every value decided. Order of application: temperature, min_p, top_k, top_p, draw.</summary>
/// <param name="Temperature">0 to 2; below 1e-5 is greedy (the lowest id among equals).</param>
/// <param name="TopP">Above 0, up to 1; 1 is off.</param>
/// <param name="TopK">0 is off.</param>
/// <param name="MinP">0 is off.</param>
/// <param name="Seed">With the token's position it decides each draw, whatever else runs beside it.</param>
public sealed record SamplingParameters(double Temperature, double TopP, int TopK, double MinP, long Seed)
{
    /// <summary>Always the likeliest token.</summary>
    public static SamplingParameters Greedy { get; } = new(Temperature: 0, TopP: 1, TopK: 0, MinP: 0, Seed: 0);

    /// <summary>Below this a temperature means greedy (the limit that vLLM's sampler uses).</summary>
    public const double GreedyBelow = 1e-5;

    /// <summary>Whether no chance is involved.</summary>
    public bool IsGreedy => Temperature < GreedyBelow;
}
