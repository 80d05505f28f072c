using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Keeps only wanted rows: right after the last attention (on its output and on the residual, so that the last layer's output projection
/// and MLP run on <c>output_rows</c> only), and again in front of the LM head (<c>logits_rows</c>). The final norm's output becomes the
/// graph output <c>hidden</c>.
/// </summary>
internal static class RowSelection
{
    /// <returns>The hidden state's width.</returns>
    public static long Apply(DecoderGraph graph)
    {
        long width = SelectLogitsRows(graph);
        SelectOutputRows(graph);
        return width;
    }

    private static void SelectOutputRows(DecoderGraph graph)
    {
        string attention = graph.Proto.Node.Last(Nodes.IsServedAttention).Output[0];
        HashSet<string> rows = graph.Descendants(OnnxNames.InputIds, attention), after = graph.Descendants(attention);
        // Everything that crosses from before the attention to behind it is a row per token: the attention's own output, and the residual.
        NodeProto[] behind = [.. graph.Proto.Node.Where(n => n.Input.Any(after.Contains))];
        string[] crossing = [attention, .. behind.SelectMany(n => n.Input).Where(i => rows.Contains(i) && !after.Contains(i)).Distinct()];
        foreach (string tensor in crossing)
            graph.InsertBehindProducer(Gather(tensor, OnnxNames.OutputRows), behind);
    }

    private static long SelectLogitsRows(DecoderGraph graph)
    {
        string hidden = FindHidden(graph);
        long width = graph.WidthOf(hidden)
            ?? throw graph.Refuse(
                $"the width of the hidden state '{hidden}' cannot be told from the graph",
                "Export the model again with onnxruntime-genai's model builder");
        NodeProto norm = graph.Producer(hidden)!;
        NodeProto[] head = [.. graph.Proto.Node.Where(n => n.Input.Contains(hidden))];
        norm.Output[0] = OnnxNames.Hidden;
        graph.Redirect(hidden, OnnxNames.Hidden, head);
        graph.InsertBehindProducer(Gather(OnnxNames.Hidden, OnnxNames.LogitsRows), head);
        return width;
    }

    /// <summary>Walks from the logits back to the final norm.</summary>
    private static string FindHidden(DecoderGraph graph)
    {
        string tensor = OnnxNames.Logits;
        while (graph.Producer(tensor) is { } node)
        {
            if (node.OpType is "SimplifiedLayerNormalization" or "SkipSimplifiedLayerNormalization")
                return tensor;
            if (node.OpType is not ("MatMul" or "MatMulNBits") && !OperatorWhitelist.IsElementwise(node))
                break;
            tensor = node.In(0);
        }
        throw graph.Refuse(
            $"no final norm was found before the LM head (it ends at '{tensor}')",
            "Export the model again with onnxruntime-genai's model builder");
    }

    private static NodeProto Gather(string data, string rows) =>
        Nodes.Make($"{data}/{rows}", "", "Gather", [data, rows], $"{data}/{rows}/output_0", Nodes.IntAttribute("axis", 0));
}
