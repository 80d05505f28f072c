namespace LocalInference.Core.Completions;

/// <summary>What clients and callers may know of the local model.</summary>
public sealed record ServedModel
{
    /// <summary>The name clients ask for: the model folder's name.</summary>
    public required string Id { get; init; }

    /// <summary>Prompt and answer together, in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Number of token ids the model knows: the logits' width.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Token ids that end an answer.</summary>
    public required IReadOnlyList<int> EndTokenIds { get; init; }

    /// <summary>Sampling when a request leaves it out; <see cref="SamplingParameters.Seed"/> means nothing here.</summary>
    public required SamplingParameters DefaultSampling { get; init; }

    /// <summary>When the weights' file was written; shown as <c>created</c>.</summary>
    public DateTimeOffset Created { get; init; }
}
