namespace LocalInference.Core.Completions;

/// <summary>When an answer ends, as asked.</summary>
public sealed record StopConditions
{
    /// <summary>Tokens to generate at most, reasoning included; null = to the context's end. At least 1.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>
    /// Texts that end the answer; neither they nor what follows is returned. Matched over the whole decoded output, across token borders.
    /// </summary>
    public IReadOnlyList<string> Strings { get; init; } = [];

    /// <summary>Further token ids that end the answer.</summary>
    public IReadOnlyList<int> TokenIds { get; init; } = [];

    /// <summary>Go on at the model's own end tokens.</summary>
    public bool IgnoreEndTokens { get; init; }
}
