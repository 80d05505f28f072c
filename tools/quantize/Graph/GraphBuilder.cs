using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Quantize.Weights;

namespace LocalInference.Quantize.Graph;

/// <summary>
/// Writes a decoder graph node by node, in the names and forms of the official model builder. Each node's output gets a description
/// (<c>value_info</c>), and constants are made once.
/// </summary>
/// <param name="activations">The type of activations: fp32 or fp16.</param>
internal sealed class GraphBuilder(StoredType activations)
{
    public const string ContribDomain = OnnxNames.ContribDomain;

    /// <summary>The file that all weights lie in, beside the graph.</summary>
    public const string DataFileName = "model.onnx.data";

    private const int OpsetVersion = 22;
    private const int IrVersion = 10;

    private readonly GraphProto _graph = new() { Name = "main_graph" };
    private readonly HashSet<string> _constants = [];

    /// <summary>The type of activations.</summary>
    public int FloatType => (int)activations;

    /// <summary>Adds a node with one output for each token: [batch, sequence, width].</summary>
    /// <returns>The output's name.</returns>
    public string Rows(string name, string domain, string opType, IEnumerable<string> inputs, string output, long width,
        params ReadOnlySpan<AttributeProto> attributes) =>
        Node(name, domain, opType, inputs, output, FloatType, ["batch_size", "sequence_length", width], attributes);

    /// <summary>Adds a node with one described output.</summary>
    public string Node(
        string name, string domain, string opType, IEnumerable<string> inputs, string output, int type, ReadOnlySpan<object> dims,
        params ReadOnlySpan<AttributeProto> attributes)
    {
        NodeProto node = Nodes.Make(name, domain, opType, inputs, output, attributes);
        if (domain.Length == 0)
            node.ClearDomain();
        _graph.Node.Add(node);
        if (output != OnnxNames.Logits)
            _graph.ValueInfo.Add(Nodes.Value(output, type, dims));
        return output;
    }

    /// <summary>A further output of the node that was added last; what lies between is left out by empty names.</summary>
    public string FurtherOutput(int index, string output, ValueInfoProto? description)
    {
        NodeProto node = _graph.Node[^1];
        while (node.Output.Count < index)
            node.Output.Add("");
        node.Output.Add(output);
        if (description is not null)
            _graph.ValueInfo.Add(description);
        return output;
    }

    /// <summary>A described output for each token.</summary>
    public ValueInfoProto RowsInfo(string name, long width) => Nodes.Value(name, FloatType, "batch_size", "sequence_length", width);

    /// <summary>A constant list of whole numbers.</summary>
    public string Ints(params ReadOnlySpan<long> values) => Constant($"[{string.Join(", ", values.ToArray())}]", [values.Length], values);

    /// <summary>A constant whole number without dimensions.</summary>
    public string Int(long value) => Constant($"{value}", [], [value]);

    public void Input(string name, int type, params ReadOnlySpan<object> dims) => _graph.Input.Add(Nodes.Value(name, type, dims));

    public void Output(string name, int type, params ReadOnlySpan<object> dims) => _graph.Output.Add(Nodes.Value(name, type, dims));

    /// <summary>The whole model; its weights are described, and lie in the data file.</summary>
    public byte[] Build(IEnumerable<StoredTensor> tensors)
    {
        foreach (StoredTensor tensor in tensors)
            _graph.Initializer.Add(External(tensor));
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "LocalInference.Quantize",
            ProducerVersion = typeof(GraphBuilder).Assembly.GetName().Version!.ToString(3),
            Graph = _graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OpsetVersion });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = ContribDomain, Version = 1 });
        return model.ToByteArray();
    }

    private string Constant(string text, ReadOnlySpan<long> dims, ReadOnlySpan<long> values)
    {
        string name = $"/model/constants/INT64/{text}";
        if (!_constants.Add(name))
            return name;
        var value = new TensorProto { Name = name, DataType = OnnxTypes.Int64,
            RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values)) };
        var described = new object[dims.Length];
        for (int i = 0; i < dims.Length; i++)
        {
            value.Dims.Add(dims[i]);
            described[i] = dims[i];
        }
        return Node(
            $"/model/constant_nodes/INT64/{text}", "", "Constant", [], name, OnnxTypes.Int64, described,
            new AttributeProto { Name = "value", T = value, Type = AttributeProto.Types.AttributeType.Tensor });
    }

    private static TensorProto External(StoredTensor tensor)
    {
        var proto = new TensorProto { Name = tensor.Name, DataType = (int)tensor.Type,
            DataLocation = TensorProto.Types.DataLocation.External };
        proto.Dims.Add(tensor.Dims);
        proto.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = DataFileName });
        proto.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{tensor.Offset}" });
        proto.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{tensor.Length}" });
        return proto;
    }
}
