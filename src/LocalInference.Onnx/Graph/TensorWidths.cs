using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>Finds a row tensor's last dimension from the node that makes it: written shapes cannot be relied on.</summary>
internal static class TensorWidths
{
    /// <summary>The width, or null where the node does not tell.</summary>
    public static long? WidthOf(this DecoderGraph graph, string tensor) => graph.Producer(tensor) switch
    {
        { OpType: "MatMulNBits" } node => node.Int("N", 0),
        { OpType: "MatMul" } node => graph.ConstantDims(node.In(1)) is [_, var width] ? width : null,
        { OpType: "Gather" } node when graph.ConstantDims(node.In(0)) is [_, var width] => width,
        { OpType: "GatherBlockQuantized" } node => graph.QuantizedWidth(node),
        { OpType: "Reshape" } node => graph.ConstantInts(node.In(1)) is [.., > 0 and var width] ? width : null,
        { OpType: "Split" } node => graph.ConstantInts(node.In(1)) is { } sizes ? sizes[node.Output.IndexOf(tensor)] : null,
        { } node when OperatorWhitelist.IsElementwise(node) => graph.WidthOf(node.In(0)),
        _ => null,
    };

    /// <summary>The shape of a weight; a transposed one is followed to its initialiser.</summary>
    public static long[]? ConstantDims(this DecoderGraph graph, string tensor)
    {
        if (graph.Initializer(tensor) is { } weight)
            return [.. weight.Dims];
        return graph.Producer(tensor) switch
        {
            { OpType: "Transpose" } node when graph.ConstantDims(node.In(0)) is { } dims => [.. dims.Reverse()],
            { OpType: "Reshape" } node when graph.Initializer(node.In(0)) is not null => graph.ConstantInts(node.In(1)),
            _ => null,
        };
    }

    private static long? QuantizedWidth(this DecoderGraph graph, NodeProto node) =>
        graph.ConstantDims(node.In(0)) is [.., var bytes] ? bytes * 8 / node.Int("bits", 4) : null;
}
