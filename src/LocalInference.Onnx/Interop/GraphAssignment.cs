using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Interop;

/// <summary>Which execution provider a node was given to, by ONNX Runtime's own report.</summary>
/// <param name="Provider">For example <c>CPUExecutionProvider</c>.</param>
/// <param name="Operator">The node's operator.</param>
/// <param name="Node">The node's name; optimisers make names of their own.</param>
internal sealed record AssignedNode(string Provider, string Operator, string Node);

/// <summary>Reads the report that the session's option <see cref="Option"/> asks for.</summary>
internal static unsafe class GraphAssignment
{
    /// <summary>The session's option, to be set to 1.</summary>
    public const string Option = "session.record_ep_graph_assignment_info";

    /// <summary>All nodes that some provider was given.</summary>
    public static IReadOnlyList<AssignedNode> Of(InferenceSession session)
    {
        void** subgraphs;
        nuint count;
        OrtFunctions.Check(OrtFunctions.GetAssignedSubgraphs(HandleOf(session), &subgraphs, &count));
        var found = new List<AssignedNode>();
        for (nuint i = 0; i < count; i++)
            Add(subgraphs[i], found);
        return found;
    }

    private static void Add(void* subgraph, List<AssignedNode> found)
    {
        byte* provider, name, kind;
        void** nodes;
        nuint count;
        OrtFunctions.Check(OrtFunctions.GetProviderName(subgraph, &provider));
        OrtFunctions.Check(OrtFunctions.GetAssignedNodes(subgraph, &nodes, &count));
        for (nuint i = 0; i < count; i++)
        {
            OrtFunctions.Check(OrtFunctions.GetNodeName(nodes[i], &name));
            OrtFunctions.Check(OrtFunctions.GetNodeOperator(nodes[i], &kind));
            found.Add(new AssignedNode(Text(provider), Text(kind), Text(name)));
        }
    }

    private static string Text(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8) ?? "";

    // The managed API keeps its session's handle to itself.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Handle")]
    private static extern nint HandleOf(InferenceSession session);
}
