using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Takes out casts between floating types: the served graph computes in one type throughout, to which <see cref="RetypeRewrite"/> brings
/// all weights. Exporters write them around norms and in front of the logits.
/// </summary>
internal static class FloatCasts
{
    /// <returns>Casts that were taken out.</returns>
    public static int Remove(DecoderGraph graph)
    {
        NodeProto[] casts =
            [.. graph.Proto.Node.Where(n => n.Kind() == "Cast" && OnnxTypes.IsFloating((int)n.Int("to", 0)) && IsFloating(graph, n.In(0)))];
        foreach (NodeProto cast in casts)
        {
            if (graph.Proto.Output.Any(o => o.Name == cast.Output[0]))
                Rename(graph, cast.In(0), cast.Output[0]);
            else
                graph.Redirect(cast.Output[0], cast.In(0), graph.Proto.Node);
            graph.Proto.Node.Remove(cast);
        }
        return casts.Length;
    }

    /// <summary>Whether a tensor is of a floating type; operators that carry integers through count by what they carry.</summary>
    private static bool IsFloating(DecoderGraph graph, string tensor)
    {
        if (graph.Initializer(tensor) is { } weight)
            return OnnxTypes.IsFloating(weight.DataType);
        return graph.Producer(tensor) switch
        {
            null => false,
            { OpType: "MatMul" or "MatMulNBits" or "GatherBlockQuantized" } => true,
            { OpType: "Cast" } cast => OnnxTypes.IsFloating((int)cast.Int("to", 0)),
            { OpType: "Constant" } constant => OnnxTypes.IsFloating(constant.Attribute("value")?.T?.DataType ?? 0),
            { OpType: "Gather" or "Reshape" or "Split" or "Transpose" } node => IsFloating(graph, node.In(0)),
            { } node => AttentionOperator.Of(node) is not null || (OperatorWhitelist.IsElementwise(node) && IsFloating(graph, node.In(0))),
        };
    }

    private static void Rename(DecoderGraph graph, string from, string to)
    {
        NodeProto producer = graph.Producer(from)!;
        graph.Redirect(from, to, graph.Proto.Node);
        producer.Output[producer.Output.IndexOf(from)] = to;
    }
}
