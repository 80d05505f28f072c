namespace LocalInference.Core.Completions;

/// <summary>
/// One checked request for one answer: nothing in it is null that matters, every value is inside its documented range.
/// Immutable; made by the API's validator, by the command line or by an embedding application, and passed on unchanged to whichever side
/// answers.
/// </summary>
public sealed record CompletionRequest
{
    /// <summary>The answer's id as the client will see it, for example <c>chatcmpl-…</c>. Unique within the process.</summary>
    public required string Id { get; init; }

    /// <summary>What to continue: a conversation, or token ids.</summary>
    public required Prompt Prompt { get; init; }

    /// <summary>Sampling as asked; what was left out is null and takes the model's default (locally) or the cloud's (there).</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>When to stop; the default is at the model's end token or the context's end.</summary>
    public StopConditions Stop { get; init; } = new();

    /// <summary>What the chunks carry: parsed parts of the answer, or token ids with their plain text.</summary>
    public OutputForm Output { get; init; } = OutputForm.Parsed;

    /// <summary>Where the request may be answered; null takes the configured default.</summary>
    public DataClass? DataClass { get; init; }
}

/// <summary>What the chunks of an answer carry.</summary>
public enum OutputForm
{
    /// <summary>Reasoning, content and tool calls, told apart.</summary>
    Parsed,

    /// <summary>Token ids and their plain decoding, special tokens kept: <see cref="CompletionChunk.Tokens"/> only.</summary>
    Tokens,
}

/// <summary>Where a request's text may go.</summary>
public enum DataClass
{
    /// <summary>May leave the machine for the configured cloud when there is no room here.</summary>
    Any,

    /// <summary>Never leaves the machine.</summary>
    LocalOnly,
}
