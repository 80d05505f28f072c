using System.Buffers.Binary;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// A model's graph while it is rewritten: who makes and who reads a tensor, what is constant, and refusals that name the file.
/// Nodes stay in topological order, as ONNX demands; a rewrite that adds nodes inserts them where that holds.
/// </summary>
/// <param name="path">The graph's file, for messages.</param>
/// <param name="model">Changed in place.</param>
internal sealed class DecoderGraph(string path, ModelProto model)
{
    public string Path => path;

    public ModelProto Model => model;

    public GraphProto Proto => model.Graph;

    /// <summary>The node that makes a tensor; null for initialisers, graph inputs and the empty name of an absent one.</summary>
    public NodeProto? Producer(string tensor) => tensor.Length == 0 ? null : Proto.Node.FirstOrDefault(n => n.Output.Contains(tensor));

    public TensorProto? Initializer(string tensor) => Proto.Initializer.FirstOrDefault(t => t.Name == tensor);

    /// <summary>Makes every reader of a tensor read another.</summary>
    public void Redirect(string from, string to, IEnumerable<NodeProto> readers)
    {
        foreach (NodeProto node in readers)
            for (int i = 0; i < node.Input.Count; i++)
                if (node.Input[i] == from)
                    node.Input[i] = to;
    }

    /// <summary>Puts a node right behind the one that makes its first input, and between that input and the given readers.</summary>
    public void InsertBehindProducer(NodeProto node, IEnumerable<NodeProto> readers)
    {
        Redirect(node.Input[0], node.Output[0], readers);
        Proto.Node.Insert(Proto.Node.IndexOf(Producer(node.Input[0])!) + 1, node);
    }

    /// <summary>Tensors that come, over any number of nodes, from the given ones; those included.</summary>
    public HashSet<string> Descendants(params ReadOnlySpan<string> tensors)
    {
        var reached = new HashSet<string>();
        foreach (string tensor in tensors)
            reached.Add(tensor);
        foreach (NodeProto node in Proto.Node)
            if (node.Input.Any(reached.Contains))
                reached.UnionWith(node.Output.Where(o => o.Length > 0));
        return reached;
    }

    /// <summary>The values of a constant int64 tensor; null when it is none.</summary>
    public long[]? ConstantInts(string tensor)
    {
        TensorProto? value = Initializer(tensor) ?? (Producer(tensor) is { OpType: "Constant" } node ? node.Attribute("value")?.T : null);
        if (value is not { DataType: OnnxTypes.Int64 } || value.DataLocation == TensorProto.Types.DataLocation.External)
            return null;
        if (!value.HasRawData)
            return [.. value.Int64Data];
        var values = new long[value.RawData.Length / sizeof(long)];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadInt64LittleEndian(value.RawData.Span[(i * sizeof(long))..]);
        return values;
    }

    /// <summary>An initialiser of int64 values, added to the graph.</summary>
    public string AddInts(string name, params ReadOnlySpan<long> values)
    {
        var tensor = new TensorProto { Name = name, DataType = OnnxTypes.Int64 };
        tensor.Dims.Add(values.Length);
        foreach (long value in values)
            tensor.Int64Data.Add(value);
        Proto.Initializer.Add(tensor);
        return name;
    }

    public ModelFolderException Refuse(string problem, string advice) => new(path, problem, advice);

    /// <summary>A refusal of a node's part that is not supported.</summary>
    public ModelFolderException Refuse(NodeProto node, string part) => new(
        path,
        $"{node.Kind()} '{node.Name}' uses {part}, which this server does not run",
        "Serve another model, or export this one without it (onnxruntime-genai's model builder, -e cpu -p int4)");
}
