using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Weights;

namespace LocalInference.Onnx.Kernels.Matrix;

/// <summary>
/// The custom operator <c>QuantizeRows</c>: rows of floats, and optionally a norm's factors, to the bytes that <see cref="QuantizedMatMulOperator"/> takes.
/// The output has as many rows as the input, so that its first dimension tells the next operator the number of rows.
/// </summary>
internal static unsafe class QuantizeRowsOperator
{
    public const string Name = "QuantizeRows";

    public static CustomOperator* Define(MatrixMemory* memory) => CustomOperator.Allocate(
        "QuantizeRows"u8,
        inputTypes: [CustomOperator.FloatType, CustomOperator.FloatType],
        inputKinds: [CustomOperator.Required, CustomOperator.Optional],
        new KernelFunctions(&Create, &Compute, &KernelNode.Destroy),
        memory,
        CustomOperator.ByteType);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Create(OrtCustomOp* op, void** api, void* info, void** kernel) =>
        KernelNode.Create<Node>(op, info, kernel, Name, &Read);

    private static void* Read(Node* node, void* state, void* info)
    {
        node->Memory = (MatrixMemory*)state;
        int blockSize = 0, zeroPoint = 0, hasNorm = 0;
        void* status = KernelTensors.Int(info, "columns"u8, &node->Columns);
        if (status is null) status = KernelTensors.Int(info, "block_size"u8, &blockSize);
        if (status is null) status = KernelTensors.Int(info, "zero_point"u8, &zeroPoint);
        if (status is null) status = KernelTensors.Int(info, "norm"u8, &hasNorm);
        if (status is null) status = OrtFunctions.KernelInfoGetFloat(info, OrtFunctions.Literal("epsilon"u8), &node->Epsilon);
        node->Format = new ActivationFormat(blockSize, zeroPoint);
        if (status is null && hasNorm != 0) status = KernelTensors.Constant(info, 1, &node->Gamma);
        return status;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context) => KernelNode.Compute<Node>(kernel, context, Name, &Compute);

    private static void* Compute(Node* node, void* context)
    {
        QuantizeJob job = default;
        job.Gamma = node->Gamma;
        job.Format = node->Format;
        job.Columns = node->Columns;
        job.Epsilon = node->Epsilon;
        int rows = 0;
        void* status = KernelTensors.Rows(context, 0, (void**)&job.Input, &rows);
        if (status is null)
            status = KernelTensors.Output(context, rows, node->Format.RowBytes(node->Columns), (void**)&job.Output);
        if (status is not null)
            return status;
        job.Tasks = new RowTasks(rows, (node->Columns + node->Format.BlockSize - 1) / node->Format.BlockSize, node->Memory->Threads);
        return RowQuantizer.Run(context, &job);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Node
    {
        public MatrixMemory* Memory;
        public float* Gamma;
        public ActivationFormat Format;
        public int Columns;
        public float Epsilon;
    }
}
