using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>A norm in front of <c>QuantizeRows</c> moves into it: its result is never written as floats.</summary>
internal static class NormFusion
{
    /// <returns>Norms that were fused.</returns>
    public static int Apply(PackedGraph packed)
    {
        int fused = 0;
        foreach (NodeProto norm in packed.Graph.Proto.Node.Where(n => n.OpType == "SimplifiedLayerNormalization").ToArray())
            if (Fuse(packed, norm))
                fused++;
        return fused;
    }

    private static bool Fuse(PackedGraph packed, NodeProto norm)
    {
        string output = norm.Output[0];
        NodeProto[] readers = packed.Readers(output);
        if (readers.Length == 0 || packed.Graph.Proto.Output.Any(o => o.Name == output)
            || !readers.All(r => PackedGraph.IsOwn(r, OnnxNames.QuantizeRows))
            || packed.Graph.Initializer(norm.In(1)) is not { DataType: OnnxTypes.Float } factors
            || factors.Dims is not [var width] || readers.Any(r => r.Int("columns", 0) != width))
            return false;
        foreach (NodeProto quantize in readers)
        {
            quantize.Input[0] = norm.In(0);
            quantize.Input.Add(norm.In(1));
            quantize.Attribute("norm")!.I = 1;
            quantize.Attribute("epsilon")!.F = norm.Float("epsilon", 1e-5f);
        }
        packed.Graph.Proto.Node.Remove(norm);
        return true;
    }
}
