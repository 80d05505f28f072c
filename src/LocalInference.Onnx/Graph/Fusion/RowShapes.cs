using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>
/// Writes the shapes of this project's matrix nodes, of which ONNX Runtime can infer nothing: its memory planner re-uses a buffer only
/// where it knows that two tensors are alike.
/// </summary>
internal static class RowShapes
{
    public static void Describe(DecoderGraph graph, IReadOnlyList<WeightPlan> plans)
    {
        var symbols = new Dictionary<string, string> { [OnnxNames.InputIds] = "tokens" };
        foreach (NodeProto node in graph.Proto.Node)
        {
            string? symbol = SymbolOf(node, symbols);
            if (symbol is null)
                continue;
            foreach (string output in node.Output.Where(o => o.Length > 0))
                symbols[output] = symbol;
            if (node.Domain == OnnxNames.OwnDomain && Width(node, plans) is var (type, width)
                && graph.Proto.Output.All(o => o.Name != node.Output[0]))
                graph.Proto.ValueInfo.Add(Nodes.Value(node.Output[0], type, symbol, width));
        }
    }

    /// <summary>The name of a node's number of rows: its input's, but for the gathers that choose rows.</summary>
    private static string? SymbolOf(NodeProto node, Dictionary<string, string> symbols) => node.In(1) switch
    {
        OnnxNames.OutputRows => "rows",
        OnnxNames.LogitsRows => "logits_rows",
        OnnxNames.InputIds => "tokens",
        _ => symbols.GetValueOrDefault(node.In(0)),
    };

    private static (int Type, long Width)? Width(NodeProto node, IReadOnlyList<WeightPlan> plans)
    {
        WeightPlan? plan = node.Attribute("weight") is { } weight ? plans[(int)weight.I] : null;
        var format = new ActivationFormat((int)node.Int("block_size", ActivationFormat.MaxSlabSize), (int)node.Int("zero_point", 0));
        return node.OpType switch
        {
            OnnxNames.QuantizeRows => (OnnxTypes.UInt8, format.RowBytes((int)node.Int("columns", 0))),
            OnnxNames.QuantizedGateUp => (OnnxTypes.UInt8, format.RowBytes(plan!.First.Rows)),
            OnnxNames.QuantizedMatMul => (OnnxTypes.Float, plan!.Rows),
            OnnxNames.PackedGather => (OnnxTypes.Float, plan!.First.Columns),
            _ => null,
        };
    }
}
