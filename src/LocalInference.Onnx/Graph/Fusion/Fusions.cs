namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>
/// What may be fused around products over packed weights. The server always takes all of them; benchmarks leave one out to tell what it is
/// worth.
/// </summary>
[Flags]
internal enum Fusions
{
    /// <summary>Products over packed weights alone.</summary>
    None = 0,

    /// <summary>The embedding reads the LM head's packed weight (<see cref="TiedEmbeddingRewrite"/>).</summary>
    TiedEmbedding = 1,

    /// <summary>A bias is added where the product is written (<see cref="QuantizedProductRewrite"/>).</summary>
    Bias = 2,

    /// <summary>Gate, up, SiLU and the next quantising in one node (<see cref="GateUpFusion"/>).</summary>
    GateUp = 4,

    /// <summary>The residual is added where the product is written (<see cref="ResidualFusion"/>).</summary>
    Residual = 8,

    /// <summary>A norm moves into the quantising behind it (<see cref="NormFusion"/>).</summary>
    Norm = 16,

    /// <summary>What the server runs with.</summary>
    All = TiedEmbedding | Bias | GateUp | Residual | Norm,
}
