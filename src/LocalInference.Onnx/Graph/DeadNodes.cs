using Google.Protobuf.Collections;
using LocalInference.Onnx.Graph.Proto;

namespace LocalInference.Onnx.Graph;

/// <summary>
/// Removes what no graph output needs: the mask's part of the graph, its constants, unread weights. ONNX Runtime would run custom nodes
/// even so.
/// </summary>
internal static class DeadNodes
{
    public static void Remove(DecoderGraph graph)
    {
        var live = new HashSet<string>(graph.Proto.Output.Select(o => o.Name));
        for (int i = graph.Proto.Node.Count - 1; i >= 0; i--)
        {
            NodeProto node = graph.Proto.Node[i];
            if (node.Output.Any(live.Contains))
                live.UnionWith(node.Input);
            else
                graph.Proto.Node.RemoveAt(i);
        }
        Keep(graph.Proto.Initializer, t => live.Contains(t.Name));
    }

    private static void Keep<T>(RepeatedField<T> items, Func<T, bool> keep)
    {
        for (int i = items.Count - 1; i >= 0; i--)
            if (!keep(items[i]))
                items.RemoveAt(i);
    }
}
