using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>Reads and makes single nodes.</summary>
internal static class Nodes
{
    public static AttributeProto? Attribute(this NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);

    public static long Int(this NodeProto node, string name, long absent) => node.Attribute(name)?.I ?? absent;

    public static float Float(this NodeProto node, string name, float absent) => node.Attribute(name)?.F ?? absent;

    /// <summary>An input's name; empty when it is absent.</summary>
    public static string In(this NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    /// <summary>Domain and operator, as in <c>com.microsoft:MatMulNBits</c>.</summary>
    public static string Kind(this NodeProto node) => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}:{node.OpType}";

    public static bool IsContrib(this NodeProto node, string opType) => node.OpType == opType && node.Domain == OnnxNames.ContribDomain;

    /// <summary>Whether a node is the attention that the rewrite put in, whichever device's.</summary>
    public static bool IsServedAttention(this NodeProto node) =>
        node.OpType == OnnxNames.PagedAttention && node.Domain is OnnxNames.OwnDomain or OnnxNames.ContribDomain;

    public static AttributeProto IntAttribute(string name, long value) =>
        new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto FloatAttribute(string name, float value) =>
        new() { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float };

    /// <summary>A node with one output.</summary>
    public static NodeProto Make(
        string name, string domain, string opType, IEnumerable<string> inputs, string output, params ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { Name = name, OpType = opType, Domain = domain };
        node.Input.Add(inputs);
        node.Output.Add(output);
        foreach (AttributeProto attribute in attributes)
            node.Attribute.Add(attribute);
        return node;
    }

    /// <summary>A tensor's description; a dimension is a number or a symbol.</summary>
    public static ValueInfoProto Value(string name, int elementType, params ReadOnlySpan<object> dims)
    {
        var shape = new TensorShapeProto();
        foreach (object dim in dims)
            shape.Dim.Add(dim is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dim, null) });
        var tensor = new TypeProto.Types.Tensor { ElemType = elementType, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
