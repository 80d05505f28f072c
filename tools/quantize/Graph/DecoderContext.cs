using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Graph;

/// <summary>What all parts of a graph share while it is built.</summary>
/// <param name="Config">The model.</param>
/// <param name="Precision">How it is stored.</param>
/// <param name="Catalog">Its weights.</param>
/// <param name="Plan">Where they go.</param>
/// <param name="Builder">The graph.</param>
internal sealed record DecoderContext(CheckpointConfig Config, Precision Precision, WeightCatalog Catalog, WeightPlan Plan,
    GraphBuilder Builder)
{
    /// <summary>Whether a yarn model's <c>attn_factor</c> multiplies, as its authors meant it.</summary>
    public required bool MultipliesAuthorsFactor { get; init; }
}
