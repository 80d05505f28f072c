using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Replaces each <c>GroupQueryAttention</c> by this project's paged attention, which reads the step's description from graph inputs and keeps its cache itself.
/// The mask's part of the graph and the caches lose their readers by it.
/// </summary>
internal static class AttentionRewrite
{
    /// <summary>Rewrites all layers.</summary>
    /// <param name="graph">Changed in place.</param>
    /// <param name="headSize">What the configuration says of the head size.</param>
    /// <param name="contextTokens">Positions that rotary caches must hold.</param>
    public static AttentionLayers Apply(DecoderGraph graph, int headSize, int contextTokens)
    {
        AttentionShape? shape = null;
        int layer = 0;
        for (int i = 0; i < graph.Proto.Node.Count; i++)
        {
            NodeProto node = graph.Proto.Node[i];
            if (!node.IsContrib("GroupQueryAttention"))
                continue;
            AttentionShape found = AttentionSupport.Check(graph, node, headSize, contextTokens);
            if (shape is not null && shape != found)
                throw graph.Refuse(node, $"head counts that differ from other layers ({found} after {shape})");
            shape = found;
            graph.Proto.Node[i] = Replacement(node, layer++, found);
        }
        return shape is null ? throw NoAttention(graph) : new AttentionLayers(shape, layer);
    }

    private static NodeProto Replacement(NodeProto node, int layer, AttentionShape shape)
    {
        bool rotates = node.Int("do_rotary", 0) == 1;
        float scale = node.Float("scale", 0);
        return Nodes.Make(
            node.Name,
            OnnxNames.OwnDomain,
            OnnxNames.PagedAttention,
            [
                node.In(0), node.In(1), node.In(2),
                rotates ? node.In(AttentionSupport.CosCache) : "", rotates ? node.In(AttentionSupport.SinCache) : "",
                node.In(AttentionSupport.QueryNorm), node.In(AttentionSupport.KeyNorm),
                OnnxNames.CumulativeSequenceLengths, OnnxNames.PastSequenceLengths, OnnxNames.BlockTable,
            ],
            node.Output[0],
            Nodes.IntAttribute("layer", layer),
            Nodes.IntAttribute("num_heads", shape.HeadCount),
            Nodes.IntAttribute("kv_num_heads", shape.KvHeadCount),
            Nodes.IntAttribute("head_size", shape.HeadSize),
            Nodes.IntAttribute("rotary", rotates ? 1 : 0),
            Nodes.IntAttribute("qk_norm", node.In(AttentionSupport.QueryNorm).Length > 0 ? 1 : 0),
            Nodes.FloatAttribute("scale", scale == 0 ? 1 / MathF.Sqrt(shape.HeadSize) : scale),
            Nodes.FloatAttribute("qk_norm_epsilon", node.Float("qk_norm_epsilon", 1e-6f)));
    }

    private static Exception NoAttention(DecoderGraph graph)
    {
        string found = string.Join(", ", graph.Proto.Node.Select(n => n.Kind()).Where(k => k.Contains("Attention", StringComparison.Ordinal)).Distinct());
        return graph.Refuse(
            $"the graph has no com.microsoft:GroupQueryAttention ({(found.Length > 0 ? $"found: {found}" : "nor any other attention operator")})",
            "Export the model for the CPU with onnxruntime-genai's model builder (-e cpu -p int4)");
    }
}

/// <summary>What the attention rewrite found.</summary>
/// <param name="Shape">Common to all layers.</param>
/// <param name="Count">Layers.</param>
internal sealed record AttentionLayers(AttentionShape Shape, int Count);
