using LocalInference.Core.Completions;

namespace LocalInference.Onnx.Models;

/// <summary>What a model folder's configuration says of its model, checked as far as that goes without the graph.</summary>
internal sealed record ModelConfig
{
    /// <summary>What the file that said it calls these values.</summary>
    public required ConfigKeys Keys { get; init; }

    public required string Type { get; init; }

    /// <summary>The graph's name in the folder; may name a folder inside.</summary>
    public required string GraphFile { get; init; }

    public required int ContextTokens { get; init; }

    public required int VocabularySize { get; init; }

    public required int HiddenSize { get; init; }

    public required int HeadCount { get; init; }

    public required int KvHeadCount { get; init; }

    public required int HeadSize { get; init; }

    public required int LayerCount { get; init; }

    public required int? BeginTokenId { get; init; }

    public required IReadOnlyList<int> EndTokenIds { get; init; }

    public required SamplingParameters DefaultSampling { get; init; }

    /// <summary>Keys that the server does not know, dotted: newer builders write new ones.</summary>
    public required IReadOnlyList<string> UnknownKeys { get; init; }

    /// <summary>Sampling defaults of the folder that the server does not apply, with their values.</summary>
    public required IReadOnlyList<string> UnappliedDefaults { get; init; }
}
