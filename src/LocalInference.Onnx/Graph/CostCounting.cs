using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>Counts what a served graph's matrix products read and multiply, before anything replaces them.</summary>
internal static class CostCounting
{
    /// <summary>Scales count as 16 bits, whatever the file holds: that is enough for them, and so the least that must be read.</summary>
    private const int ScaleBytes = 2;

    /// <summary>Counts.</summary>
    /// <param name="graph">With its rows selected.</param>
    public static ModelCost Of(DecoderGraph graph)
    {
        HashSet<string> outputRows = graph.Descendants(OnnxNames.OutputRows), logitsRows = graph.Descendants(OnnxNames.LogitsRows);
        WeightCost tokens = default, outputs = default, logits = default;
        foreach (NodeProto node in graph.Proto.Node)
        {
            WeightCost cost = CostOf(graph, node);
            if (logitsRows.Contains(node.In(0)))
                logits += cost;
            else if (outputRows.Contains(node.In(0)))
                outputs += cost;
            else
                tokens += cost;
        }
        return new ModelCost(tokens, outputs, logits);
    }

    private static WeightCost CostOf(DecoderGraph graph, NodeProto node)
    {
        if (node.IsContrib("MatMulNBits"))
        {
            long outputs = node.Int("N", 0), inputs = node.Int("K", 0);
            long bits = node.Int("bits", 4), block = Math.Max(node.Int("block_size", 32), 1);
            long blocks = outputs * ((inputs + block - 1) / block);
            long zeroPoints = node.In(3).Length > 0 ? blocks * bits / 8 : 0;
            return new WeightCost((outputs * inputs * bits / 8) + (blocks * ScaleBytes) + zeroPoints, outputs * inputs);
        }
        return node.OpType == "MatMul" && graph.ConstantDims(node.In(1)) is [var depth, var width]
            ? new WeightCost(depth * width * sizeof(float), depth * width)
            : default;
    }
}
