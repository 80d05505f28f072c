using Google.Protobuf;
using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Brings a graph to one floating type, without casts: weights of other types (embeddings, norms, scales, rotary caches, whole matrices of
/// fp16 exports) are declared as what they shall be, and converted when the session is made. The files stay as they are.
/// </summary>
internal static class RetypeRewrite
{
    /// <summary>Rewrites a graph without dead nodes, whose data files have been resolved.</summary>
    /// <param name="graph">Changed in place.</param>
    /// <param name="elementType">The type that everything shall have.</param>
    /// <param name="dataFolder">Where data files lie.</param>
    /// <returns>Weights that must be converted.</returns>
    public static IReadOnlyList<RetypedWeight> Apply(DecoderGraph graph, int elementType, string dataFolder)
    {
        foreach (NodeProto node in graph.Proto.Node.Where(n => n.Kind() == "Constant"))
            if (node.Attribute("value")?.T is { } value && IsOther(value, elementType))
                Convert(graph, value, elementType);
        return [.. graph.Proto.Initializer.Where(t => IsOther(t, elementType)).Select(t => Declare(graph, t, elementType, dataFolder))];
    }

    private static bool IsOther(TensorProto tensor, int elementType) =>
        tensor.DataType != elementType && OnnxTypes.IsFloating(tensor.DataType);

    private static void Convert(DecoderGraph graph, TensorProto constant, int elementType)
    {
        byte[] source = InlineData(graph, constant);
        long elements = source.Length / FloatConversion.SizeOf(constant.DataType);
        var target = new byte[elements * FloatConversion.SizeOf(elementType)];
        FloatConversion.Convert(source, constant.DataType, target, elementType);
        constant.RawData = UnsafeByteOperations.UnsafeWrap(target);
        constant.FloatData.Clear();
        constant.Int32Data.Clear();
        constant.DataType = elementType;
    }

    private static RetypedWeight Declare(DecoderGraph graph, TensorProto tensor, int elementType, string dataFolder)
    {
        bool isExternal = tensor.DataLocation == TensorProto.Types.DataLocation.External;
        var weight = new RetypedWeight
        {
            Name = tensor.Name,
            Dims = [.. tensor.Dims],
            SourceType = tensor.DataType,
            Type = elementType,
            File = isExternal ? Path.Combine(dataFolder, tensor.ExternalEntry("location")!.Value) : null,
            FileOffset = isExternal ? tensor.ExternalNumber("offset") : 0,
            Data = isExternal ? [] : InlineData(graph, tensor),
        };
        if (!isExternal && weight.Data.Length != weight.SourceBytes)
            throw graph.Refuse(
                $"the tensor '{tensor.Name}' has {weight.Data.Length} bytes where its shape takes {weight.SourceBytes}",
                "Download or export it again");
        if (isExternal && tensor.ExternalEntry("length") is not null && tensor.ExternalNumber("length") != weight.SourceBytes)
            throw graph.Refuse(
                $"the tensor '{tensor.Name}' has {tensor.ExternalNumber("length")} bytes in its data file "
                + $"where its shape takes {weight.SourceBytes}",
                "Download or export it again");
        MarkAsGiven(tensor, weight);
        return weight;
    }

    /// <summary>ONNX Runtime takes data from its caller only for tensors that say they lie elsewhere; nothing is opened for them.</summary>
    private static void MarkAsGiven(TensorProto tensor, RetypedWeight weight)
    {
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.Int32Data.Clear();
        tensor.DataType = weight.Type;
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Clear();
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "given-at-load" });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = "0" });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{weight.Bytes}" });
    }

    /// <summary>The bytes of a tensor that lies in the graph, whichever of the three ways it is written.</summary>
    private static byte[] InlineData(DecoderGraph graph, TensorProto tensor)
    {
        if (tensor.HasRawData)
            return tensor.RawData.ToByteArray();
        if (tensor.DataType == OnnxTypes.Float)
            return [.. tensor.FloatData.SelectMany(BitConverter.GetBytes)];
        return tensor.DataLocation == TensorProto.Types.DataLocation.External
            ? throw graph.Refuse($"the constant '{tensor.Name}' lies outside the graph", "Export the model again")
            : [.. tensor.Int32Data.SelectMany(v => BitConverter.GetBytes((ushort)v))];
    }
}
