using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Lets the graph choose what each row is wanted for, so that a device copies no more than that: 8 bytes for a greedy token, the likeliest
/// few for a row of <c>top_k_rows</c>, all logits of <c>sampled_rows</c> (both counted among <c>logits_rows</c>), the hidden state of
/// <c>hidden_rows</c> (counted among <c>output_rows</c>). Outputs that a step does not bind stay where they are made. Of equal logits the
/// lowest id wins, as it does on the CPU.
/// </summary>
internal static class RowChoice
{
    private const string AllLogits = "logits/all";
    private const string AllHidden = "hidden/all";

    public static void Apply(DecoderGraph graph)
    {
        Rename(graph, OnnxNames.Logits, AllLogits);
        Rename(graph, OnnxNames.Hidden, AllHidden);
        Gather(graph, AllHidden, OnnxNames.HiddenRows, OnnxNames.Hidden);
        Gather(graph, AllLogits, OnnxNames.SampledRows, OnnxNames.Logits);
        graph.Proto.Node.Add(Nodes.Make(
            $"{AllLogits}/ArgMax", "", "ArgMax", [AllLogits], OnnxNames.GreedyTokens,
            Nodes.IntAttribute("axis", -1), Nodes.IntAttribute("keepdims", 0)));
        string candidates = $"{AllLogits}/{OnnxNames.TopKRows}";
        Gather(graph, AllLogits, OnnxNames.TopKRows, candidates);
        // How many is the step's to say: with none, kernels return before they sort anything.
        NodeProto best = Nodes.Make(
            $"{candidates}/TopK", "", "TopK", [candidates, OnnxNames.TopKCount], OnnxNames.TopKLogits,
            Nodes.IntAttribute("axis", -1), Nodes.IntAttribute("largest", 1), Nodes.IntAttribute("sorted", 1));
        best.Output.Add(OnnxNames.TopKTokens);
        graph.Proto.Node.Add(best);
    }

    private static void Rename(DecoderGraph graph, string from, string to)
    {
        NodeProto producer = graph.Producer(from)!;
        producer.Output[producer.Output.IndexOf(from)] = to;
        graph.Redirect(from, to, graph.Proto.Node);
    }

    private static void Gather(DecoderGraph graph, string data, string rows, string output) =>
        graph.Proto.Node.Add(Nodes.Make($"{data}/{rows}/Gather", "", "Gather", [data, rows], output, Nodes.IntAttribute("axis", 0)));
}
