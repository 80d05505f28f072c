using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>
/// The residual is added where the product is written: <c>SkipSimplifiedLayerNormalization(residual, product)</c> becomes the product with
/// a second input, and a plain norm of the sum.
/// </summary>
internal static class ResidualFusion
{
    private const int SumOutput = 3;

    /// <returns>Norms that were changed.</returns>
    public static int Apply(PackedGraph packed)
    {
        int fused = 0;
        foreach (NodeProto norm in packed.Graph.Proto.Node.Where(n => n.OpType == "SkipSimplifiedLayerNormalization").ToArray())
            if (norm.In(3).Length == 0 && (Fuse(packed, norm, productInput: 1) || Fuse(packed, norm, productInput: 0)))
                fused++;
        return fused;
    }

    private static bool Fuse(PackedGraph packed, NodeProto norm, int productInput)
    {
        DecoderGraph graph = packed.Graph;
        string residual = norm.In(1 - productInput), sum = norm.Output.Count > SumOutput ? norm.Output[SumOutput] : "";
        NodeProto? product = graph.Producer(norm.In(productInput));
        if (!PackedGraph.IsOwn(product, OnnxNames.QuantizedMatMul) || product!.Input.Count > 1
            || !packed.IsOnlyReader(norm, norm.In(productInput)))
            return false;
        if (graph.Producer(residual) is not { } maker || graph.Proto.Node.IndexOf(maker) > graph.Proto.Node.IndexOf(product))
            return false;
        product.Input.Add(residual);
        product.Output[0] = sum.Length > 0 ? sum : $"{norm.Name}/sum";
        graph.Proto.Node[graph.Proto.Node.IndexOf(norm)] = Nodes.Make(
            norm.Name, "", "SimplifiedLayerNormalization", [product.Output[0], norm.In(2)], norm.Output[0],
            Nodes.FloatAttribute("epsilon", norm.Float("epsilon", 1e-5f)),
            Nodes.IntAttribute("axis", -1),
            Nodes.IntAttribute("stash_type", 1));
        return true;
    }
}
