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

    /// <summary>Reads a product's or a gather's attributes.</summary>
    /// <returns>A status; null is success.</returns>
    public static void* Read(MatrixNode* node, void* state, void* info)
    {
        node->Memory = (MatrixMemory*)state;
        int weight = 0;
        void* status = KernelTensors.Int(info, "weight"u8, &weight);
        if (status is not null)
            return status;
        if (weight < 0 || weight >= node->Memory->WeightCount)
            return OrtFunctions.Fail($"A node names the packed weight {weight}; the store has 0 to {node->Memory->WeightCount - 1}.");
        node->Weight = node->Memory->Weights + weight;
        return null;
    }

    /// <summary>Reads a gate and up product's attributes.</summary>
    /// <returns>A status; null is success.</returns>
    public static void* ReadGateUp(MatrixNode* node, void* state, void* info)
    {
        int blockSize = 0, zeroPoint = 0;
        void* status = Read(node, state, info);
        if (status is null) status = KernelTensors.Int(info, "block_size"u8, &blockSize);
        if (status is null) status = KernelTensors.Int(info, "zero_point"u8, &zeroPoint);
        node->OutputFormat = new ActivationFormat(blockSize, zeroPoint);
        return status;
    }
}
