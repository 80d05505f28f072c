using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>Gives the graph the served form's inputs and outputs, and the shapes that ONNX Runtime's memory planner cannot infer itself.</summary>
internal static class ServedInterface
{
    public static void Apply(DecoderGraph graph, AttentionShape shape, long hiddenWidth, long vocabularySize)
    {
        GraphProto proto = graph.Proto;
        proto.Input.Clear();
        proto.Input.Add(Nodes.Value(OnnxNames.InputIds, OnnxTypes.Int64, "tokens"));
        proto.Input.Add(Nodes.Value(OnnxNames.CumulativeSequenceLengths, OnnxTypes.Int32, "sequences_and_one"));
        proto.Input.Add(Nodes.Value(OnnxNames.PastSequenceLengths, OnnxTypes.Int32, "sequences"));
        proto.Input.Add(Nodes.Value(OnnxNames.BlockTable, OnnxTypes.Int32, "sequences", "blocks"));
        proto.Input.Add(Nodes.Value(OnnxNames.OutputRows, OnnxTypes.Int32, "rows"));
        proto.Input.Add(Nodes.Value(OnnxNames.LogitsRows, OnnxTypes.Int32, "logits_rows"));
        proto.Output.Clear();
        proto.Output.Add(Nodes.Value(OnnxNames.Hidden, OnnxTypes.Float, "rows", hiddenWidth));
        proto.Output.Add(Nodes.Value(OnnxNames.Logits, OnnxTypes.Float, "logits_rows", vocabularySize));
        // Shapes as the exporter wrote them are of rank 3 and wrong now. Of our own node nothing can be inferred, so its shape is written.
        proto.ValueInfo.Clear();
        foreach (NodeProto node in proto.Node.Where(n => n.Domain == OnnxNames.OwnDomain))
            proto.ValueInfo.Add(Nodes.Value(node.Output[0], OnnxTypes.Float, "tokens", (long)shape.HeadCount * shape.HeadSize));
        graph.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxNames.OwnDomain, Version = 1 });
    }
}
