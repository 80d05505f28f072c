using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph.Fusion;

/// <summary>An embedding that reads the LM head's tensors.</summary>
/// <param name="Gather">The node.</param>
/// <param name="Head">The product's name.</param>
internal sealed record TiedEmbedding(NodeProto Gather, string Head);

/// <summary>
/// <c>GatherBlockQuantized</c> over the LM head's own tensors → <c>PackedGather</c> over the head's packed weight, so that the largest
/// weight is in memory once.
/// </summary>
internal static class TiedEmbeddingRewrite
{
    /// <summary>Finds embeddings whose tensors are a product's, block for block.</summary>
    public static IReadOnlyList<TiedEmbedding> Find(DecoderGraph graph)
    {
        var found = new List<TiedEmbedding>();
        foreach (NodeProto gather in graph.Proto.Node.Where(n => n.IsContrib("GatherBlockQuantized")))
        {
            string codes = graph.Producer(gather.In(0)) is { OpType: "Reshape" } reshape ? reshape.In(0) : gather.In(0);
            NodeProto? head = graph.Proto.Node.FirstOrDefault(n => n.IsContrib("MatMulNBits")
                && n.In(1) == codes && n.In(2) == gather.In(2) && n.In(3) == gather.In(3)
                && n.Int("bits", 4) == gather.Int("bits", 4) && n.Int("block_size", 0) == gather.Int("block_size", 128)
                && n.Int("K", 0) % n.Int("block_size", 1) == 0);
            if (head is not null && gather.In(1) == OnnxNames.InputIds)
                found.Add(new TiedEmbedding(gather, head.Name));
        }
        return found;
    }

    /// <summary>Replaces those whose product was packed.</summary>
    public static void Apply(PackedGraph packed, IReadOnlyList<TiedEmbedding> embeddings)
    {
        foreach (TiedEmbedding tied in embeddings)
        {
            NodeProto? head = packed.Graph.Proto.Node.FirstOrDefault(
                n => PackedGraph.IsOwn(n, OnnxNames.QuantizedMatMul) && n.Name == tied.Head);
            if (head?.Attribute("weight") is not { } weight)
                continue;
            packed.Graph.Proto.Node[packed.Graph.Proto.Node.IndexOf(tied.Gather)] = Nodes.Make(
                tied.Gather.Name, OnnxNames.OwnDomain, OnnxNames.PackedGather, [tied.Gather.In(1)], tied.Gather.Output[0],
                Nodes.IntAttribute("weight", weight.I));
        }
    }
}
