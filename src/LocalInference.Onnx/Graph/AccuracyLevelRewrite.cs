using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Sets one accuracy level on every quantised matrix product. CPUs run level 4 (activations in 8 bits): the others are 3 to 6 times slower
/// there, and their rows depend on how many run together.
/// </summary>
internal static class AccuracyLevelRewrite
{
    /// <returns>Nodes that said something else.</returns>
    public static int Apply(DecoderGraph graph, long level)
    {
        int changed = 0;
        foreach (NodeProto node in graph.Proto.Node.Where(n => n.IsContrib("MatMulNBits") && n.Int("accuracy_level", 0) != level))
        {
            if (node.Attribute("accuracy_level") is { } attribute)
                attribute.I = level;
            else
                node.Attribute.Add(Nodes.IntAttribute("accuracy_level", level));
            changed++;
        }
        return changed;
    }
}
