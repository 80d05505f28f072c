using LocalInference.Onnx.Graph;
using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Graph.Parts;

/// <summary>
/// Grouped attention over keys and values that are given and returned: rotary positions and the cache are the operator's.
/// </summary>
/// <param name="context">The model.</param>
/// <param name="mask">Of the whole graph.</param>
/// <param name="rope">Of the whole graph.</param>
internal sealed class AttentionPart(DecoderContext context, MaskPart mask, RopePart rope)
{
    /// <summary>Adds a layer's attention.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="query">The query, or query, key and value packed.</param>
    /// <param name="key">Empty where packed.</param>
    /// <param name="value">Empty where packed.</param>
    public string Build(int layer, string query, string key = "", string value = "")
    {
        CheckpointConfig config = context.Config;
        GraphBuilder graph = context.Builder;
        string path = $"/model/layers.{layer}/attn/GroupQueryAttention";
        string output = graph.Rows(
            path, GraphBuilder.ContribDomain, "GroupQueryAttention",
            [query, key, value, Past(layer, "key"), Past(layer, "value"), mask.LengthsLessOne, mask.TotalLength, rope.Cosines, rope.Sines,
                "", "", ""],
            $"{path}/output_0",
            (long)config.HeadCount * config.HeadSize,
            Nodes.IntAttribute("num_heads", config.HeadCount), Nodes.IntAttribute("kv_num_heads", config.KvHeadCount),
            Nodes.FloatAttribute("scale", (float)(1 / Math.Sqrt(config.HeadSize))), Nodes.IntAttribute("local_window_size", -1),
            Nodes.FloatAttribute("softcap", 0), Nodes.IntAttribute("do_rotary", 1), Nodes.IntAttribute("rotary_interleaved", 0));
        graph.FurtherOutput(1, Present(layer, "key"), null);
        graph.FurtherOutput(2, Present(layer, "value"), null);
        return output;
    }

    /// <summary>Describes the caches of all layers as inputs and outputs.</summary>
    public static void DescribeCaches(DecoderContext context)
    {
        foreach (string kind in (string[])["key", "value"])
            for (int layer = 0; layer < context.Config.LayerCount; layer++)
            {
                context.Builder.Input(Past(layer, kind), context.Builder.FloatType, "batch_size", context.Config.KvHeadCount,
                    "past_sequence_length", context.Config.HeadSize);
                context.Builder.Output(Present(layer, kind), context.Builder.FloatType, "batch_size", context.Config.KvHeadCount,
                    "total_sequence_length", context.Config.HeadSize);
            }
    }

    private static string Past(int layer, string kind) => $"past_key_values.{layer}.{kind}";

    private static string Present(int layer, string kind) => $"present.{layer}.{kind}";
}
