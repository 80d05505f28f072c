using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// The operators, with their attributes, that a served graph may hold: those that treat every row alike. Whatever else an exporter writes
/// is refused by name, since a graph that mixes rows would give wrong answers in silence.
/// </summary>
internal static class OperatorWhitelist
{
    private delegate bool Allowed(AttributeProto attribute);

    private static readonly Allowed Any = static _ => true;

    private static readonly Dictionary<string, Dictionary<string, Allowed>> Operators = new()
    {
        ["Add"] = [],
        ["ArgMax"] = new() { ["axis"] = Is(-1), ["keepdims"] = Is(0) },
        ["Constant"] = new() { ["value"] = Any },
        ["Gather"] = new() { ["axis"] = Is(0) },
        ["MatMul"] = [],
        ["Mul"] = [],
        ["Reshape"] = new() { ["allowzero"] = Is(0) },
        ["Sigmoid"] = [],
        ["SimplifiedLayerNormalization"] = new() { ["epsilon"] = Any, ["axis"] = Is(-1), ["stash_type"] = Is(1) },
        ["Split"] = new() { ["axis"] = Is(-1), ["num_outputs"] = Any },
        ["TopK"] = new() { ["axis"] = Is(-1), ["largest"] = Is(1), ["sorted"] = Is(1) },
        ["Transpose"] = new() { ["perm"] = Any },
        ["com.microsoft:GatherBlockQuantized"] = new()
        {
            ["bits"] = Any, ["block_size"] = Any, ["gather_axis"] = Is(0), ["quantize_axis"] = Is(1),
        },
        ["com.microsoft:MatMulNBits"] = new()
        {
            ["K"] = Any, ["N"] = Any, ["bits"] = Any, ["block_size"] = Any, ["accuracy_level"] = Any, ["weight_prepacked"] = Is(0),
        },
        ["com.microsoft:SkipSimplifiedLayerNormalization"] = new() { ["epsilon"] = Any },
    };

    /// <summary>Those whose rows have the width and the element type of their first input's.</summary>
    private static readonly HashSet<string> Elementwise =
        ["Add", "Mul", "Sigmoid", "SimplifiedLayerNormalization", "com.microsoft:SkipSimplifiedLayerNormalization"];

    /// <summary>Whether a node's rows are as wide and of the same type as its first input's.</summary>
    public static bool IsElementwise(NodeProto node) => Elementwise.Contains(node.Kind());

    /// <summary>Checks a rewritten graph without dead nodes. Its attention is the rewrite's own, which checked what it replaced.</summary>
    public static void Check(DecoderGraph graph)
    {
        HashSet<string> rows = graph.Descendants(OnnxNames.InputIds);
        foreach (NodeProto node in graph.Proto.Node.Where(n => !n.IsServedAttention()))
        {
            if (!Operators.TryGetValue(node.Kind(), out Dictionary<string, Allowed>? attributes))
                throw graph.Refuse(
                    $"the operator {node.Kind()} ('{node.Name}') is none that this server runs "
                    + $"(it runs {string.Join(", ", Operators.Keys.Order())})",
                    "Serve another model, or export this one for the CPU with onnxruntime-genai's model builder (-e cpu -p int4)");
            foreach (AttributeProto attribute in node.Attribute)
                if (!attributes.TryGetValue(attribute.Name, out Allowed? allowed) || !allowed(attribute))
                    throw graph.Refuse(node, $"the attribute {attribute.Name}{(attribute.HasI ? $" = {attribute.I}" : "")}");
            CheckInputs(graph, node, rows);
        }
    }

    private static void CheckInputs(DecoderGraph graph, NodeProto node, HashSet<string> rows)
    {
        if (node.OpType == "Transpose" && rows.Contains(node.In(0)))
            throw graph.Refuse(node, "tokens as what it transposes (only weights are transposed)");
        if (node.OpType == "MatMul" && rows.Contains(node.In(1)))
            throw graph.Refuse(node, "tokens on both sides (attention in plain operators)");
        if (node.OpType == "MatMulNBits" && node.In(4).Length > 0)
            throw graph.Refuse(node, "the input g_idx (activation reordering)");
    }

    private static Allowed Is(long value) => attribute => attribute.I == value;
}
