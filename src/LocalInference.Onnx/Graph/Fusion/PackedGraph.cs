using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>A graph whose quantised products become nodes over a weight store: what the rewrites of this folder share.</summary>
/// <param name="graph">Changed in place.</param>
internal sealed class PackedGraph(DecoderGraph graph)
{
    private const string WeightAttribute = "weight";

    private readonly List<WeightPlan> _plans = [];

    public DecoderGraph Graph => graph;

    /// <summary>Rewrites everything that can be, in order; a model whose graph lacks a pattern runs without that fusion.</summary>
    /// <param name="graph">Checked, its external data resolved.</param>
    /// <param name="dataFolder">Where the weights lie.</param>
    /// <param name="fusions">What may be fused.</param>
    /// <returns>The weights to pack, as the graph's nodes number them.</returns>
    public static IReadOnlyList<WeightPlan> Apply(DecoderGraph graph, string dataFolder, Fusions fusions = Fusions.All)
    {
        var packed = new PackedGraph(graph);
        // 1. The tied embedding first: it recognises the head by tensors that step 2 takes out of the graph.
        IReadOnlyList<TiedEmbedding> tied = fusions.HasFlag(Fusions.TiedEmbedding) ? TiedEmbeddingRewrite.Find(graph) : [];
        // 2. Products over packed weights, each input quantised once.
        QuantizedProductRewrite.Apply(packed, new WeightSources(graph, dataFolder), fusions.HasFlag(Fusions.Bias));
        TiedEmbeddingRewrite.Apply(packed, tied);
        // 3. What stands between products moves into them.
        if (fusions.HasFlag(Fusions.GateUp))
            GateUpFusion.Apply(packed);
        if (fusions.HasFlag(Fusions.Residual))
            ResidualFusion.Apply(packed);
        if (fusions.HasFlag(Fusions.Norm))
            NormFusion.Apply(packed);
        DeadNodes.Remove(graph);
        packed.Number();
        RowShapes.Describe(graph, packed._plans);
        return packed._plans;
    }

    /// <summary>Adds a weight.</summary>
    /// <returns>The attribute that names it.</returns>
    public AttributeProto Add(WeightPlan plan)
    {
        _plans.Add(plan);
        return Nodes.IntAttribute(WeightAttribute, _plans.Count - 1);
    }

    /// <summary>The weight of a node.</summary>
    public WeightPlan PlanOf(NodeProto node) => _plans[(int)node.Int(WeightAttribute, -1)];

    /// <summary>Whether a node is one of this project's operators.</summary>
    public static bool IsOwn(NodeProto? node, string opType) => node is { Domain: OnnxNames.OwnDomain } && node.OpType == opType;

    /// <summary>Nodes that read a tensor.</summary>
    public NodeProto[] Readers(string tensor) => [.. graph.Proto.Node.Where(n => n.Input.Contains(tensor))];

    /// <summary>Whether this node is all that needs a tensor.</summary>
    public bool IsOnlyReader(NodeProto reader, string tensor) =>
        Readers(tensor) is [var only] && only == reader && graph.Proto.Output.All(o => o.Name != tensor);

    /// <summary>Drops weights that fusions took into others, and numbers the rest anew.</summary>
    private void Number()
    {
        var kept = new List<WeightPlan>();
        var numbers = new Dictionary<long, int>();
        foreach (NodeProto node in graph.Proto.Node)
            if (node.Domain == OnnxNames.OwnDomain && node.Attribute(WeightAttribute) is { } attribute)
            {
                if (!numbers.TryGetValue(attribute.I, out int number))
                {
                    numbers[attribute.I] = number = kept.Count;
                    kept.Add(_plans[(int)attribute.I]);
                }
                attribute.I = number;
            }
        _plans.Clear();
        _plans.AddRange(kept);
    }
}
