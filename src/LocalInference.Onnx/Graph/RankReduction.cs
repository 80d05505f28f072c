using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Makes rows of tokens out of [batch, sequence, width]. Row-wise operators take either; only reshapes name the ranks: <c>[0, -1, n]</c>,
/// which the q and k norms use, keeps its meaning as <c>[-1, n]</c>. Paged graphs say the latter where heads become rows again.
/// </summary>
internal static class RankReduction
{
    /// <returns>Reshapes that were changed.</returns>
    public static int Apply(DecoderGraph graph)
    {
        HashSet<string> rows = graph.Descendants(OnnxNames.InputIds);
        NodeProto[] reshapes = [.. graph.Proto.Node.Where(n => n.OpType == "Reshape" && rows.Contains(n.In(0)))];
        foreach (NodeProto reshape in reshapes)
        {
            long[]? sizes = graph.ConstantInts(reshape.In(1));
            if (sizes is not ([0, -1, > 0] or [-1, > 0]))
                throw graph.Refuse(reshape, "a shape other than [0, -1, width] and [-1, width]");
            string shape = $"{OnnxNames.OwnDomain}/rows_of_{sizes[^1]}";
            reshape.Input[1] = graph.Initializer(shape) is null ? graph.AddInts(shape, -1, sizes[^1]) : shape;
        }
        return reshapes.Length;
    }
}
