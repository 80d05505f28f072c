using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Takes out the choice of rows in front of the LM head that <c>prune_lm_head</c> writes (the last position of each sequence; in paged
/// graphs those of the input <c>logits_indices</c>): the served graph chooses rows itself.
/// </summary>
internal static class PrunedHeadRewrite
{
    /// <returns>Whether there was one.</returns>
    public static bool Apply(DecoderGraph graph) => RemoveLastPosition(graph) | RemoveIndices(graph);

    private static bool RemoveLastPosition(DecoderGraph graph)
    {
        foreach (NodeProto unsqueeze in graph.Proto.Node.Where(n => n.Kind() == "Unsqueeze"))
        {
            if (graph.Producer(unsqueeze.In(0)) is not { OpType: "Gather" } gather
                || gather.Int("axis", 0) != 1
                || graph.ConstantInts(gather.In(1)) is not [-1]
                || graph.ConstantInts(unsqueeze.In(1)) is not [1])
                continue;
            graph.Redirect(unsqueeze.Output[0], gather.In(0), graph.Proto.Node);
            return true;
        }
        return false;
    }

    private static bool RemoveIndices(DecoderGraph graph)
    {
        NodeProto[] gathers =
            [.. graph.Proto.Node.Where(n => n.Kind() == "Gather" && n.In(1) == OnnxNames.LogitsIndices && n.Int("axis", 0) == 0)];
        foreach (NodeProto gather in gathers)
            graph.Redirect(gather.Output[0], gather.In(0), graph.Proto.Node);
        return gathers.Length > 0;
    }
}
