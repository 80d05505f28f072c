using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// The custom operator <c>QuantizedMatMul</c>: quantised rows × a weight of the store (attribute <c>weight</c>) + the weight's bias + optionally a second
/// input, the residual.
/// </summary>
internal static unsafe class QuantizedMatMulOperator
{
    public const string Name = "QuantizedMatMul";

    public static CustomOperator* Define(MatrixMemory* memory) => CustomOperator.Allocate(
        "QuantizedMatMul"u8,
        inputTypes: [CustomOperator.ByteType, CustomOperator.FloatType],
        inputKinds: [CustomOperator.Required, CustomOperator.Optional],
        new KernelFunctions(&Create, &Compute, &KernelNode.Destroy),
        memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Create(OrtCustomOp* op, void** api, void* info, void** kernel) =>
        KernelNode.Create<MatrixNode>(op, info, kernel, Name, &MatrixNode.Read);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context) => KernelNode.Compute<MatrixNode>(kernel, context, Name, &Compute);

    private static void* Compute(MatrixNode* node, void* context)
    {
        ProductJob job = default;
        job.Kind = ProductKind.Plain;
        job.Weight = node->Weight;
        int addendRows = 0;
        void* status = KernelTensors.Rows(context, 0, (void**)&job.Activations, &job.RowCount);
        if (status is null) status = KernelTensors.Rows(context, 1, (void**)&job.Addend, &addendRows);
        if (status is null) status = KernelTensors.Output(context, job.RowCount, job.Weight->Rows, &job.Output);
        if (status is not null)
            return status;
        if (job.Addend is not null && addendRows != job.RowCount)
            return OrtFunctions.Fail($"{Name} of {job.RowCount} rows got {addendRows} rows to add.");
        job.Share(node->Memory->Threads);
        return QuantizedProduct.Run(context, &job);
    }
}
