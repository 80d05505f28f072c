using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>What the kernel of a node with a packed weight knows of it: read once, when the session is made.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MatrixNode
{
    public MatrixMemory* Memory;
    public PackedWeight* Weight;

    /// <summary>Of a gate and up product: how its output is quantised.</summary>
    public ActivationFormat OutputFormat;

    /// <summary>Reads a node's attributes.</summary>
    /// <returns>A status; null is success.</returns>
    public static void* Create(OrtCustomOp* op, void* info, void** kernel, bool isGateUp)
    {
        try
        {
            var node = (MatrixNode*)NativeMemory.AllocZeroed((nuint)sizeof(MatrixNode));
            node->Memory = (MatrixMemory*)CustomOperator.StateOf(op);
            void* status = Read(node, info, isGateUp);
            if (status is null)
                *kernel = node;
            else
                NativeMemory.Free(node);
            return status;
        }
        catch (Exception e)
        {
            return OrtFunctions.Fail($"A node with a packed weight cannot be made: {e.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Destroy(void* kernel) => NativeMemory.Free(kernel);

    private static void* Read(MatrixNode* node, void* info, bool isGateUp)
    {
        int weight = 0, blockSize = 0, zeroPoint = 0;
        void* status = KernelTensors.Int(info, "weight"u8, &weight);
        if (status is null && isGateUp) status = KernelTensors.Int(info, "block_size"u8, &blockSize);
        if (status is null && isGateUp) status = KernelTensors.Int(info, "zero_point"u8, &zeroPoint);
        if (status is not null)
            return status;
        if (weight < 0 || weight >= node->Memory->WeightCount)
            return OrtFunctions.Fail($"A node names the packed weight {weight}; the store has 0 to {node->Memory->WeightCount - 1}.");
        node->Weight = node->Memory->Weights + weight;
        node->OutputFormat = new ActivationFormat(blockSize, zeroPoint);
        return null;
    }
}
