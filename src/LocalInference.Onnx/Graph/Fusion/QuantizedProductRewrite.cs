using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>
/// <c>MatMulNBits</c> → <c>QuantizeRows</c> + <c>QuantizedMatMul</c> over a packed weight, its bias folded in. Products of one input whose
/// weights agree on how it is quantised share one <c>QuantizeRows</c>.
/// </summary>
internal static class QuantizedProductRewrite
{
    /// <summary>Rewrites.</summary>
    /// <param name="packed">Changed in place.</param>
    /// <param name="sources">Where the weights are.</param>
    /// <param name="foldsBias">
    /// Takes an <c>Add</c> behind a product into it; a bias that is the product's own input always is in it.
    /// </param>
    public static void Apply(PackedGraph packed, WeightSources sources, bool foldsBias)
    {
        DecoderGraph graph = packed.Graph;
        var quantized = new Dictionary<(string Input, ActivationFormat Format), string>();
        for (int i = 0; i < graph.Proto.Node.Count; i++)
        {
            NodeProto node = graph.Proto.Node[i];
            if (sources.Of(node) is not { } source)
                continue;
            string output = node.Output[0];
            if (foldsBias && source.Bias is null)
                (source, output) = FoldBias(packed, sources, source, output);
            (string, ActivationFormat) key = (node.In(0), source.Activations);
            if (!quantized.TryGetValue(key, out string? input))
            {
                quantized[key] = input = $"{node.Name}/quantized";
                graph.Proto.Node.Insert(i++, Quantize(node, source, input));
            }
            graph.Proto.Node[i] = Nodes.Make(
                node.Name, OnnxNames.OwnDomain, OnnxNames.QuantizedMatMul, [input], output, packed.Add(new WeightPlan(source)));
        }
    }

    /// <summary>Takes the <c>Add</c> of a constant behind a product into the weight.</summary>
    private static (MatrixSource Source, string Output) FoldBias(
        PackedGraph packed, WeightSources sources, MatrixSource source, string output)
    {
        if (packed.Readers(output) is not [{ OpType: "Add", Domain: "" or "ai.onnx" } add] || !packed.IsOnlyReader(add, output))
            return (source, output);
        string other = add.In(0) == output ? add.In(1) : add.In(0);
        if (sources.Tensor(other, OnnxTypes.Float, source.Rows * (long)sizeof(float)) is not { } bias)
            return (source, output);
        packed.Graph.Proto.Node.Remove(add);
        return (source with { Bias = bias }, add.Output[0]);
    }

    private static NodeProto Quantize(NodeProto node, MatrixSource source, string output) => Nodes.Make(
        output, OnnxNames.OwnDomain, OnnxNames.QuantizeRows, [node.In(0)], output,
        Nodes.IntAttribute("columns", source.Columns),
        Nodes.IntAttribute("block_size", source.Activations.BlockSize),
        Nodes.IntAttribute("zero_point", source.Activations.ZeroPoint),
        Nodes.IntAttribute("norm", 0),
        Nodes.FloatAttribute("epsilon", 0));
}
