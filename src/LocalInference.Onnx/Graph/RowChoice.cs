using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Chooses greedy tokens in the graph, and gathers the logits that a sampler wants (<c>sampled_rows</c>, counted among <c>logits_rows</c>):
/// a device then copies
/// 8 bytes for a greedy row, and no output that a step does not bind.
/// </summary>
internal static class RowChoice
{
    public static void Apply(DecoderGraph graph)
    {
        const string AllLogits = "logits/all";
        NodeProto head = graph.Producer(OnnxNames.Logits)!;
        head.Output[head.Output.IndexOf(OnnxNames.Logits)] = AllLogits;
        // Of equal logits the first wins, as it does on the CPU.
        graph.Proto.Node.Add(Nodes.Make(
            $"{AllLogits}/ArgMax", "", "ArgMax", [AllLogits], OnnxNames.GreedyTokens,
            Nodes.IntAttribute("axis", -1), Nodes.IntAttribute("keepdims", 0)));
        graph.Proto.Node.Add(Nodes.Make(
            $"{AllLogits}/Gather", "", "Gather", [AllLogits, OnnxNames.SampledRows], OnnxNames.Logits, Nodes.IntAttribute("axis", 0)));
    }
}
