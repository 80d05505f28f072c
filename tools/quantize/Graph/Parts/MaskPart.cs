using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Quantize.Graph.Parts;

/// <summary>What attention wants to know of the mask: each row's length less one, and the mask's width.</summary>
/// <param name="LengthsLessOne">int32 [batch].</param>
/// <param name="TotalLength">int32, no dimensions.</param>
internal sealed record MaskPart(string LengthsLessOne, string TotalLength)
{
    private const string Root = "/model/attn_mask_reformat/attn_mask_subgraph";
    private const string Mask = "attention_mask";

    /// <summary>Adds the graph's input and the nodes that read it.</summary>
    public static MaskPart Build(GraphBuilder graph)
    {
        graph.Input(Mask, OnnxTypes.Int64, "batch_size", "total_sequence_length");
        string one = graph.Ints(1);
        string sum = Node("ReduceSum", "ReduceSum", [Mask, one], OnnxTypes.Int64, ["batch_size"], Nodes.IntAttribute("keepdims", 0));
        string lessOne = Node("Sub", "Sub", [sum, one], OnnxTypes.Int64, ["batch_size"]);
        string lengths = Node("Sub/Cast", "Cast", [lessOne], OnnxTypes.Int32, ["batch_size"], Nodes.IntAttribute("to", OnnxTypes.Int32));
        string shape = Node("Shape", "Shape", [Mask], OnnxTypes.Int64, [2L]);
        string width = Node("Gather", "Gather", [shape, graph.Int(1)], OnnxTypes.Int64, [], Nodes.IntAttribute("axis", 0));
        string total = Node("Gather/Cast", "Cast", [width], OnnxTypes.Int32, [], Nodes.IntAttribute("to", OnnxTypes.Int32));
        return new MaskPart(lengths, total);

        string Node(string name, string opType, string[] inputs, int type, object[] dims, params AttributeProto[] attributes) =>
            graph.Node($"{Root}/{name}", "", opType, inputs, $"{Root}/{name}/output_0", type, dims, attributes);
    }
}
