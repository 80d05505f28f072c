using LocalInference.Onnx.Graph;
using LocalInference.Quantize.Checkpoints;

namespace LocalInference.Quantize.Graph.Parts;

/// <summary>Queries and keys apart from each other, each head normed (Qwen3).</summary>
internal static class HeadNormPart
{
    /// <summary>Cuts packed query, key and value, and norms the first two.</summary>
    public static (string Query, string Key, string Value) Build(DecoderContext context, int layer, string packed)
    {
        CheckpointConfig config = context.Config;
        GraphBuilder graph = context.Builder;
        long queryWidth = (long)config.HeadCount * config.HeadSize, keyWidth = (long)config.KvHeadCount * config.HeadSize;
        string path = $"/model/layers.{layer}/attn/qkv_proj/Split";
        string query = graph.Rows(path, "", "Split", [packed, graph.Ints(queryWidth, keyWidth, keyWidth)], $"{path}/output_0", queryWidth,
            Nodes.IntAttribute("axis", -1));
        string key = graph.FurtherOutput(1, $"{path}/output_1", graph.RowsInfo($"{path}/output_1", keyWidth));
        string value = graph.FurtherOutput(2, $"{path}/output_2", graph.RowsInfo($"{path}/output_2", keyWidth));
        return (Norm(context, layer, "q_norm", query, queryWidth), Norm(context, layer, "k_norm", key, keyWidth), value);
    }

    private static string Norm(DecoderContext context, int layer, string name, string input, long width)
    {
        GraphBuilder graph = context.Builder;
        int headSize = context.Config.HeadSize;
        string path = $"/model/layers.{layer}/attn/{name}", tensor = $"model.layers.{layer}.self_attn.{name}.weight";
        string weight = context.Plan.AddVector($"model.layers.{layer}.attn.{name}.layernorm.weight",
            context.Catalog.Vector(tensor, headSize), context.Precision.Activations, layer).Name;
        string heads = Reshape("Reshape_1", input, headSize, "heads_of_all_tokens");
        string output = $"{path}/SimplifiedLayerNormalization/output_0";
        NormPart.OverLastDimension(
            context, $"{path}/SimplifiedLayerNormalization", heads, weight, output, ["batch_size", "heads_of_all_tokens", headSize]);
        return Reshape("Reshape_2", output, width, "sequence_length");

        string Reshape(string node, string from, long to, string rows) =>
            graph.Node($"{path}/{node}", "", "Reshape", [from, graph.Ints(0, -1, to)], $"{path}/{node}/output_0", graph.FloatType,
                ["batch_size", rows, to]);
    }
}
