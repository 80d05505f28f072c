namespace LocalInference.Quantize.Graph.Architectures;

/// <summary>A family of models: says which parts its graph is made of.</summary>
internal interface IArchitecture
{
    /// <summary>Names in config.json's <c>architectures</c>.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Builds the whole graph and plans its weights.</summary>
    void Build(DecoderContext context);
}
