using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>
/// The MLP's first half in one node: <c>gate × sigmoid(gate) × up → QuantizeRows</c> becomes <c>QuantizedGateUp</c> over one interleaved
/// weight.
/// </summary>
internal static class GateUpFusion
{
    /// <returns>Layers that were fused.</returns>
    public static int Apply(PackedGraph packed)
    {
        int fused = 0;
        foreach (NodeProto quantize in packed.Graph.Proto.Node.Where(n => PackedGraph.IsOwn(n, OnnxNames.QuantizeRows)).ToArray())
            if (Fuse(packed, quantize))
                fused++;
        return fused;
    }

    private static bool Fuse(PackedGraph packed, NodeProto quantize)
    {
        DecoderGraph graph = packed.Graph;
        if (graph.Producer(quantize.In(0)) is not { OpType: "Mul" } product || !packed.IsOnlyReader(quantize, product.Output[0]))
            return false;
        for (int side = 0; side < 2; side++)
        {
            if (graph.Producer(product.In(side)) is not { OpType: "Mul" } silu || GateOf(packed, silu, product) is not { } gate)
                continue;
            if (graph.Producer(product.In(1 - side)) is not { } up || !PackedGraph.IsOwn(up, OnnxNames.QuantizedMatMul)
                || up.In(0) != gate.In(0) || !packed.IsOnlyReader(product, up.Output[0]))
                continue;
            MatrixSource first = packed.PlanOf(gate).First, second = packed.PlanOf(up).First;
            if (first.Rows != second.Rows || first.Bits != second.Bits || first.HasHalfScales != second.HasHalfScales)
                continue;
            graph.Proto.Node[graph.Proto.Node.IndexOf(quantize)] = Nodes.Make(
                quantize.Name, OnnxNames.OwnDomain, OnnxNames.QuantizedGateUp, [gate.In(0)], quantize.Output[0],
                packed.Add(new WeightPlan(first, second)), quantize.Attribute("block_size")!, quantize.Attribute("zero_point")!);
            return true;
        }
        return false;
    }

    /// <summary>The product g of <c>g × sigmoid(g)</c>, where nothing else needs it.</summary>
    private static NodeProto? GateOf(PackedGraph packed, NodeProto silu, NodeProto product)
    {
        DecoderGraph graph = packed.Graph;
        if (!packed.IsOnlyReader(product, silu.Output[0]))
            return null;
        foreach ((string gate, string other) in new[] { (silu.In(0), silu.In(1)), (silu.In(1), silu.In(0)) })
            if (graph.Producer(other) is { OpType: "Sigmoid" } sigmoid && sigmoid.In(0) == gate && packed.IsOnlyReader(silu, other)
                && packed.Readers(gate).All(r => r == sigmoid || r == silu)
                && graph.Producer(gate) is { } node && PackedGraph.IsOwn(node, OnnxNames.QuantizedMatMul))
                return node;
        return null;
    }
}
