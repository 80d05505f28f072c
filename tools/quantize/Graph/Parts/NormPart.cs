using LocalInference.Onnx.Graph;

namespace LocalInference.Quantize.Graph.Parts;

/// <summary>
/// Root-mean-square norms over the residual stream, which they carry along: all but the first add the last part's output to it.
/// </summary>
/// <param name="context">The model.</param>
internal sealed class NormPart(DecoderContext context)
{
    private string? _residual;

    /// <summary>A norm of the stream with an output added to it first.</summary>
    /// <param name="tensor">The checkpoint's weight.</param>
    /// <param name="path">Where in the graph, as in <c>layers.0/input_layernorm</c>.</param>
    /// <param name="added">What is added; the embedding, for the first.</param>
    /// <param name="isLast">Whether the stream ends here.</param>
    /// <param name="group">See <see cref="Weights.WeightJob.Group"/>.</param>
    public string Build(string tensor, string path, string added, int group, bool isLast = false)
    {
        int width = context.Config.HiddenSize;
        string weight = context.Plan.AddVector($"model.{path.Replace('/', '.')}.weight", context.Catalog.Vector(tensor, width),
            context.Precision.Activations, group).Name;
        string output = $"/model/{path}/output_0";
        GraphBuilder graph = context.Builder;
        if (_residual is null)
        {
            _residual = added;
            return OverLastDimension(context, $"/model/{path}/LayerNorm", added, weight, output, ["batch_size", "sequence_length", width]);
        }
        graph.Rows(
            $"/model/{path}/SkipLayerNorm", GraphBuilder.ContribDomain, "SkipSimplifiedLayerNormalization", [_residual, added, weight],
            output, width,
            Nodes.FloatAttribute("epsilon", context.Config.NormEpsilon));
        if (!isLast)
            _residual = graph.FurtherOutput(3, $"/model/{path}/output_3", graph.RowsInfo($"/model/{path}/output_3", width));
        return output;
    }

    /// <summary>A norm over the last dimension.</summary>
    public static string OverLastDimension(
        DecoderContext context, string name, string input, string weight, string output, ReadOnlySpan<object> dims) =>
        context.Builder.Node(
            name, "", "SimplifiedLayerNormalization", [input, weight], output, context.Builder.FloatType, dims,
            Nodes.FloatAttribute("epsilon", context.Config.NormEpsilon), Nodes.IntAttribute("axis", -1),
            Nodes.IntAttribute("stash_type", 1));
}
