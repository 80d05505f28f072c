using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// The whitelist for exporters' attention: the attributes and inputs that every device's kernel honours. All else is refused by name.
/// </summary>
internal static class AttentionSupport
{
    // Both bound a task's scratch on the stack of a pool thread.
    private const int MaxGroupElements = 16384;
    private const int MaxGroupSize = 128;
    private const int MaxHeadSize = 512;

    /// <summary>Refuses what is not supported.</summary>
    /// <returns>The layer's heads.</returns>
    public static AttentionShape Check(DecoderGraph graph, NodeProto node, AttentionOperator exported, ModelConfig config)
    {
        foreach (AttributeProto attribute in node.Attribute)
            if (Fault(attribute) is { } part)
                throw graph.Refuse(node, part);
        foreach ((int index, string name) in exported.RefusedInputs)
            if (node.In(index).Length > 0 && !IsNaturalPositions(graph, exported, index, node.In(index)))
                throw graph.Refuse(node, $"the input {name}");
        if (node.Input.Skip(exported.KnownInputs).Any(i => i.Length > 0))
            throw graph.Refuse(node, $"{node.Input.Count} inputs ({exported.KnownInputs} are known)");
        if (node.Output.Skip(3).Any(o => o.Length > 0))
            throw graph.Refuse(node, "the output output_qk");
        if (node.In(exported.QueryNorm).Length > 0 != node.In(exported.KeyNorm).Length > 0)
            throw graph.Refuse(node, "only one of the inputs q_norm and k_norm");
        AttentionShape shape = ShapeOf(graph, node, config);
        if (node.Int("do_rotary", 0) == 1)
            CheckRotary(graph, node, exported, config);
        return shape;
    }

    /// <summary>
    /// Positions fed from outside are what a server would feed there: each token's place in its sequence, which the kernel knows itself.
    /// </summary>
    private static bool IsNaturalPositions(DecoderGraph graph, AttentionOperator exported, int index, string input) =>
        exported == AttentionOperator.GroupQuery && index == AttentionOperator.PositionIds
        && input == OnnxNames.PositionIds && graph.Proto.Input.Any(i => i.Name == input);

    private static string? Fault(AttributeProto attribute) => attribute.Name switch
    {
        "num_heads" or "kv_num_heads" or "scale" or "do_rotary" or "qk_norm_epsilon" => null,
        "local_window_size" when attribute.I == -1 => null,
        "local_window_size" => $"local_window_size = {attribute.I} (a sliding window)",
        "softcap" when attribute.F == 0 => null,
        "softcap" => $"softcap = {attribute.F}",
        "smooth_softmax" when attribute.I is 0 or -1 => null,
        "rotary_interleaved" when attribute.I == 0 => null,
        "rotary_interleaved" => "rotary_interleaved = 1 (interleaved rotary positions)",
        "qk_output" or "sliding_window_cache" or "kv_cache_bit_width" when attribute.I == 0 => null,
        "k_quant_type" or "v_quant_type" when attribute.S.ToStringUtf8() == "NONE" => null,
        "v_head_size" or "rotary_offset" when attribute.I == 0 => null,
        _ => $"the attribute {attribute.Name} = "
            + (attribute.HasS ? attribute.S.ToStringUtf8() : attribute.HasF ? $"{attribute.F}" : $"{attribute.I}"),
    };

    private static AttentionShape ShapeOf(DecoderGraph graph, NodeProto node, ModelConfig config)
    {
        int headSize = config.HeadSize;
        int heads = (int)node.Int("num_heads", 0), kvHeads = (int)node.Int("kv_num_heads", 0);
        if (heads < 1 || kvHeads < 1 || heads % kvHeads != 0)
            throw graph.Refuse(node, $"num_heads = {heads} with kv_num_heads = {kvHeads}");
        bool packed = node.In(1).Length == 0;
        long width = graph.WidthOf(node.In(0)) ?? throw graph.Refuse(node, $"a query '{node.In(0)}' whose width the graph does not tell");
        long expected = (packed ? heads + (2L * kvHeads) : heads) * headSize;
        if (width != expected)
            throw graph.Refuse(
                $"{config.Keys.HeadSize} is {headSize}, but the graph's query '{node.In(0)}' is {width} wide where {heads} heads"
                + $"{(packed ? $" and 2 x {kvHeads} key and value heads" : "")} of that size take {expected}",
                $"Correct {config.Keys.FileName}, or export the model again");
        int group = heads / kvHeads;
        if (headSize % 8 != 0 || headSize > MaxHeadSize || group > MaxGroupSize || group * headSize > MaxGroupElements)
            throw graph.Refuse(
                node,
                $"heads of {headSize} in groups of {group} (allowed: multiples of 8 up to {MaxHeadSize}, "
                + $"groups of at most {MaxGroupSize} with at most {MaxGroupElements} elements)");
        return new AttentionShape(heads, kvHeads, headSize);
    }

    private static void CheckRotary(DecoderGraph graph, NodeProto node, AttentionOperator exported, ModelConfig config)
    {
        foreach (int index in (int[])[exported.CosCache, exported.SinCache])
        {
            if (graph.Initializer(node.In(index)) is not { Dims: [var positions, var pairs] } cache)
                throw graph.Refuse(node, $"the rotary cache '{node.In(index)}', which is no constant matrix");
            if (!OnnxTypes.IsFloating(cache.DataType))
                throw graph.Refuse(node, $"a rotary cache of {OnnxTypes.NameOf(cache.DataType)}");
            if (pairs * 2 != config.HeadSize)
                throw graph.Refuse(node, $"partial rotary positions ({pairs * 2} of {config.HeadSize} elements)");
            if (positions < config.ContextTokens)
                throw graph.Refuse(
                    $"{config.Keys.ContextTokens} is {config.ContextTokens}, "
                    + $"but the graph's rotary cache '{cache.Name}' holds only {positions} positions",
                    $"Set {config.Keys.ContextTokens} in {config.Keys.FileName} to at most {positions}, or export the model again");
        }
    }
}
