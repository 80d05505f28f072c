using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Replaces the attention that an exporter wrote by the one that the device runs, which reads the step's description from graph inputs.
/// What only the old one needed (the mask's part of the graph, its caches, metadata) loses its readers by it.
/// </summary>
internal static class AttentionRewrite
{
    /// <summary>Rewrites all layers.</summary>
    /// <param name="graph">Changed in place.</param>
    /// <param name="config">What the configuration says of head size and context.</param>
    /// <param name="profile">The device's attention.</param>
    public static AttentionLayers Apply(DecoderGraph graph, ModelConfig config, ServedGraphProfile profile)
    {
        AttentionShape? shape = null;
        int layer = 0;
        for (int i = 0; i < graph.Proto.Node.Count; i++)
        {
            NodeProto node = graph.Proto.Node[i];
            if (AttentionOperator.Of(node) is not { } exported)
                continue;
            AttentionShape found = AttentionSupport.Check(graph, node, exported, config);
            if (shape is not null && shape != found)
                throw graph.Refuse(node, $"head counts that differ from other layers ({found} after {shape})");
            shape = found;
            graph.Proto.Node[i] = AttentionPlan.Of(node, exported, layer++, found).NodeFor(profile);
        }
        return shape is null ? throw NoAttention(graph) : new AttentionLayers(shape, layer);
    }

    private static Exception NoAttention(DecoderGraph graph)
    {
        string[] found =
            [.. graph.Proto.Node.Select(n => n.Kind()).Where(k => k.Contains("Attention", StringComparison.Ordinal)).Distinct()];
        return graph.Refuse(
            "the graph has no com.microsoft:GroupQueryAttention or com.microsoft:PagedAttention "
            + (found.Length > 0 ? $"(found: {string.Join(", ", found)})" : "(nor any other attention operator)"),
            "Export the model for the CPU with onnxruntime-genai's model builder (-e cpu -p int4)");
    }
}

/// <summary>What the attention rewrite found.</summary>
/// <param name="Shape">Common to all layers.</param>
/// <param name="Count">Layers.</param>
internal sealed record AttentionLayers(AttentionShape Shape, int Count);
