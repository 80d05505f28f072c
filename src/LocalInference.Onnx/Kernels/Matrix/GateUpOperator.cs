using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// The custom operator <c>QuantizedGateUp</c>: quantised rows × an interleaved weight of the store, then SiLU(gate) × up, quantised again for the next
/// product: of an MLP's widest tensors nothing is ever written as floats.
/// </summary>
internal static unsafe class GateUpOperator
{
    public const string Name = "QuantizedGateUp";

    public static CustomOperator* Define(MatrixMemory* memory) => CustomOperator.Allocate(
        "QuantizedGateUp"u8,
        inputTypes: [CustomOperator.ByteType],
        inputKinds: [CustomOperator.Required],
        new KernelFunctions(&Create, &Compute, &KernelNode.Destroy),
        memory,
        CustomOperator.ByteType);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Create(OrtCustomOp* op, void** api, void* info, void** kernel) =>
        KernelNode.Create<MatrixNode>(op, info, kernel, Name, &MatrixNode.ReadGateUp);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context) => KernelNode.Compute<MatrixNode>(kernel, context, Name, &Compute);

    private static void* Compute(MatrixNode* node, void* context)
    {
        ProductJob job = default;
        job.Kind = ProductKind.GateUp;
        job.Weight = node->Weight;
        job.OutputFormat = node->OutputFormat;
        void* status = KernelTensors.Rows(context, 0, (void**)&job.Activations, &job.RowCount);
        if (status is null) status = KernelTensors.Output(context, job.RowCount, job.OutputFormat.RowBytes(job.Weight->Rows / 2), &job.Output);
        if (status is not null)
            return status;
        job.Share(node->Memory->Threads);
        return QuantizedProduct.Run(context, &job);
    }
}
