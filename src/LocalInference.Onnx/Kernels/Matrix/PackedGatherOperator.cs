using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// The custom operator <c>PackedGather</c>: rows of a packed weight as floats. A tied embedding reads the LM head's tiles by it, so that the weight is in memory once.
/// </summary>
internal static unsafe class PackedGatherOperator
{
    public const string Name = "PackedGather";
    private const byte Int64Type = 7;

    public static CustomOperator* Define(MatrixMemory* memory) => CustomOperator.Allocate(
        "PackedGather"u8, [Int64Type], [CustomOperator.Required], new KernelFunctions(&Create, &Compute, &KernelNode.Destroy), memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Create(OrtCustomOp* op, void** api, void* info, void** kernel) =>
        KernelNode.Create<MatrixNode>(op, info, kernel, Name, &MatrixNode.Read);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context) => KernelNode.Compute<MatrixNode>(kernel, context, Name, &Compute);

    private static void* Compute(MatrixNode* node, void* context)
    {
        PackedWeight* weight = node->Weight;
        long* ids;
        float* output = null;
        int rows = 0;
        void* status = KernelTensors.Rows(context, 0, (void**)&ids, &rows);
        if (status is null) status = KernelTensors.Output(context, rows, weight->Columns, (void**)&output);
        for (int row = 0; status is null && row < rows; row++)
        {
            if (ids[row] < 0 || ids[row] >= weight->Rows)
                return OrtFunctions.Fail($"{Name} was asked for row {ids[row]} of {weight->Rows}.");
            PackedRow.Read(weight, (int)ids[row], output + ((long)row * weight->Columns));
        }
        return status;
    }
}
