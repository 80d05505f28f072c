using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// What the kernel of one node knows, in native memory from the making of a session to its end, and the door between ONNX Runtime and our code: an exception
/// that crosses a native frame would end the process, so here it becomes a status.
/// </summary>
internal static unsafe class KernelNode
{
    /// <summary>Makes a node's kernel.</summary>
    /// <param name="op">The operator, whose state the node is read with.</param>
    /// <param name="info">The node's attributes.</param>
    /// <param name="kernel">Gets it; not written where reading fails.</param>
    /// <param name="name">The operator's, for errors.</param>
    /// <param name="read">Fills a cleared node from the operator's state and the attributes.</param>
    /// <returns>A status; null is success.</returns>
    public static void* Create<TNode>(OrtCustomOp* op, void* info, void** kernel, string name, delegate*<TNode*, void*, void*, void*> read)
        where TNode : unmanaged
    {
        try
        {
            var node = (TNode*)NativeMemory.AllocZeroed((nuint)sizeof(TNode));
            void* status = read(node, CustomOperator.StateOf(op), info);
            if (status is null)
                *kernel = node;
            else
                NativeMemory.Free(node);
            return status;
        }
        catch (Exception e)
        {
            return OrtFunctions.Fail($"{name} cannot be made: {e.Message}");
        }
    }

    /// <summary>Runs a node's kernel.</summary>
    /// <param name="kernel">From <see cref="Create"/>.</param>
    /// <param name="context">Inputs and outputs.</param>
    /// <param name="name">The operator's, for errors.</param>
    /// <param name="compute">Node, context → status.</param>
    /// <returns>A status; null is success.</returns>
    public static void* Compute<TNode>(void* kernel, void* context, string name, delegate*<TNode*, void*, void*> compute)
        where TNode : unmanaged
    {
        try
        {
            return compute((TNode*)kernel, context);
        }
        catch (Exception e)
        {
            return OrtFunctions.Fail($"{name} failed: {e.Message}");
        }
    }

    /// <summary>Frees a kernel.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Destroy(void* kernel) => NativeMemory.Free(kernel);
}
