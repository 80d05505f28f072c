namespace LocalInference.Bench.Load;

/// <summary>What one request showed.</summary>
internal sealed record RequestSample
{
    /// <summary>
    /// Why it failed, short and without anything that differs from request to request, so that equal failures can be counted; null when it
    /// did not.
    /// </summary>
    public string? Failure { get; init; }

    /// <summary>From sending to the first text (or to the end, of an answer without text).</summary>
    public TimeSpan FirstToken { get; init; }

    /// <summary>Between one frame with text and the next.</summary>
    public IReadOnlyList<TimeSpan> Gaps { get; init; } = [];

    /// <summary><c>usage.prompt_tokens</c>.</summary>
    public int PromptTokens { get; init; }

    /// <summary><c>usage.completion_tokens</c>.</summary>
    public int OutputTokens { get; init; }
}
