using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Gives the graph the served form's inputs and outputs, and the shapes that ONNX Runtime's memory planner cannot infer itself.
/// </summary>
internal static class ServedInterface
{
    public static void Apply(DecoderGraph graph, ServedGraphProfile profile, AttentionLayers layers, long hiddenWidth, long vocabularySize)
    {
        GraphProto proto = graph.Proto;
        proto.Input.Clear();
        proto.Input.Add(Nodes.Value(OnnxNames.InputIds, OnnxTypes.Int64, "tokens"));
        proto.Input.Add(Nodes.Value(OnnxNames.CumulativeSequenceLengths, OnnxTypes.Int32, "sequences_and_one"));
        proto.Input.Add(Nodes.Value(OnnxNames.PastSequenceLengths, OnnxTypes.Int32, "sequences"));
        proto.Input.Add(Nodes.Value(OnnxNames.BlockTable, OnnxTypes.Int32, "sequences", "blocks"));
        proto.Input.Add(Nodes.Value(OnnxNames.OutputRows, OnnxTypes.Int32, "rows"));
        proto.Input.Add(Nodes.Value(OnnxNames.LogitsRows, OnnxTypes.Int32, "logits_rows"));
        if (profile.IsGpu)
            AddChoiceInputs(proto);
        if (profile.TakesAttentionMetadata)
            proto.Input.Add(Nodes.Value(OnnxNames.AttentionMetadata, OnnxTypes.Int32, 3));
        if (profile.IsGpu)
            AddCaches(proto, profile, layers);
        proto.Output.Clear();
        (string hiddenRows, string logitsRows) = profile.IsGpu ? ("hidden_rows", "sampled_rows") : ("rows", "logits_rows");
        proto.Output.Add(Nodes.Value(OnnxNames.Hidden, profile.ElementType, hiddenRows, hiddenWidth));
        proto.Output.Add(Nodes.Value(OnnxNames.Logits, profile.ElementType, logitsRows, vocabularySize));
        if (profile.IsGpu)
            AddChoiceOutputs(proto, profile);
        // Shapes as the exporter wrote them are of rank 3 and wrong now. Of our own node nothing can be inferred, so its shape is written.
        proto.ValueInfo.Clear();
        long width = (long)layers.Shape.HeadCount * layers.Shape.HeadSize;
        foreach (NodeProto node in proto.Node.Where(Nodes.IsServedAttention))
            proto.ValueInfo.Add(Nodes.Value(node.Output[0], profile.ElementType, "tokens", width));
        if (!profile.IsGpu)
            graph.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxNames.OwnDomain, Version = 1 });
    }

    private static void AddChoiceInputs(GraphProto proto)
    {
        proto.Input.Add(Nodes.Value(OnnxNames.HiddenRows, OnnxTypes.Int32, "hidden_rows"));
        proto.Input.Add(Nodes.Value(OnnxNames.SampledRows, OnnxTypes.Int32, "sampled_rows"));
        proto.Input.Add(Nodes.Value(OnnxNames.TopKRows, OnnxTypes.Int32, "top_k_rows"));
        proto.Input.Add(Nodes.Value(OnnxNames.TopKCount, OnnxTypes.Int64, 1));
    }

    private static void AddChoiceOutputs(GraphProto proto, ServedGraphProfile profile)
    {
        proto.Output.Add(Nodes.Value(OnnxNames.GreedyTokens, OnnxTypes.Int64, "logits_rows"));
        proto.Output.Add(Nodes.Value(OnnxNames.TopKLogits, profile.ElementType, "top_k_rows", "top_k"));
        proto.Output.Add(Nodes.Value(OnnxNames.TopKTokens, OnnxTypes.Int64, "top_k_rows", "top_k"));
    }

    private static void AddCaches(GraphProto proto, ServedGraphProfile profile, AttentionLayers layers)
    {
        (AttentionShape shape, int blockTokens) = (layers.Shape, profile.BlockTokens!.Value);
        for (int layer = 0; layer < layers.Count; layer++)
            foreach (string name in (string[])[ServedGraphProfile.KeyCache(layer), ServedGraphProfile.ValueCache(layer)])
                proto.Input.Add(Nodes.Value(name, profile.ElementType, "cache_blocks", blockTokens, shape.KvHeadCount, shape.HeadSize));
    }
}
