using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Kernels;

/// <summary>The custom operator <c>PagedAttention</c>: what ONNX Runtime calls when it makes, runs and frees a layer's kernel.</summary>
internal static unsafe class PagedAttentionOperator
{
    private const byte Required = CustomOperator.Required;
    private const byte Optional = CustomOperator.Optional;
    private const int CosInput = 3;
    private const int SinInput = 4;
    private const int QueryNormInput = 5;
    private const int KeyNormInput = 6;

    /// <summary>Describes the operator for one session.</summary>
    /// <param name="pool">Must outlive the session.</param>
    public static CustomOperator* Define(KvPool pool) => CustomOperator.Allocate(
        "PagedAttention"u8,
        // query, key, value, cosines, sines, query norm, key norm (float); cumulative lengths, past lengths, block table (int32)
        inputTypes: [1, 1, 1, 1, 1, 1, 1, 6, 6, 6],
        inputKinds: [Required, Optional, Optional, Optional, Optional, Optional, Optional, Required, Required, Required],
        new KernelFunctions(&Create, &Compute, &Destroy),
        pool.Memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Create(OrtCustomOp* op, void** api, void* info, void** kernel)
    {
        try
        {
            var node = (AttentionNode*)NativeMemory.AllocZeroed((nuint)sizeof(AttentionNode));
            node->Memory = (AttentionMemory*)CustomOperator.StateOf(op);
            void* status = Read(node, info);
            if (status is null)
                *kernel = node;
            else
                NativeMemory.Free(node);
            return status;
        }
        catch (Exception e)
        {
            return OrtFunctions.Fail($"PagedAttention cannot be made: {e.Message}");
        }
    }

    private static void* Read(AttentionNode* node, void* info)
    {
        long rotary = 0, norms = 0;
        void* status = Int(info, "layer"u8, &node->Layer);
        if (status is null) status = Int(info, "num_heads"u8, &node->HeadCount);
        if (status is null) status = Int(info, "kv_num_heads"u8, &node->KvHeadCount);
        if (status is null) status = Int(info, "head_size"u8, &node->HeadSize);
        if (status is null) status = OrtFunctions.KernelInfoGetInt(info, OrtFunctions.Literal("rotary"u8), &rotary);
        if (status is null) status = OrtFunctions.KernelInfoGetInt(info, OrtFunctions.Literal("qk_norm"u8), &norms);
        if (status is null) status = OrtFunctions.KernelInfoGetFloat(info, OrtFunctions.Literal("scale"u8), &node->Scale);
        if (status is null) status = OrtFunctions.KernelInfoGetFloat(info, OrtFunctions.Literal("qk_norm_epsilon"u8), &node->NormEpsilon);
        long positions = 0;
        if (status is null && rotary != 0) status = Constant(info, CosInput, &node->Cos, &positions);
        if (status is null && rotary != 0) status = Constant(info, SinInput, &node->Sin, &positions);
        node->RotaryPositions = (int)positions;
        if (status is null && norms != 0) status = Constant(info, QueryNormInput, &node->QueryNorm, &positions);
        if (status is null && norms != 0) status = Constant(info, KeyNormInput, &node->KeyNorm, &positions);
        return status is null ? CheckAgainstPool(node) : status;
    }

    private static void* CheckAgainstPool(AttentionNode* node)
    {
        AttentionMemory* memory = node->Memory;
        return node->Layer < memory->LayerCount && node->KvHeadCount == memory->KvHeadCount && node->HeadSize == memory->HeadSize
            ? null
            : OrtFunctions.Fail(
                $"PagedAttention of layer {node->Layer} ({node->KvHeadCount} key heads of {node->HeadSize}) does not fit a cache of "
                + $"{memory->LayerCount} layers ({memory->KvHeadCount} key heads of {memory->HeadSize}).");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context)
    {
        try
        {
            AttentionJob job = default;
            job.Node = (AttentionNode*)kernel;
            void* status = ReadInputs(&job, context);
            if (status is null)
                status = AttentionStep.Check(&job);
            if (status is null)
                status = MakeOutput(&job, context);
            return status is null ? PagedAttention.Run(context, &job) : status;
        }
        catch (Exception e)
        {
            return OrtFunctions.Fail($"PagedAttention failed: {e.Message}");
        }
    }

    private static void* ReadInputs(AttentionJob* job, void* context)
    {
        AttentionNode* node = job->Node;
        int keyWidth = node->KvHeadCount * node->HeadSize, queryWidth = node->HeadCount * node->HeadSize;
        long rows = 0, count = 0;
        void* status = Input(context, 0, (void**)&job->Query, &rows);
        if (status is null) status = Input(context, 1, (void**)&job->Key, &count);
        if (status is null) status = Input(context, 2, (void**)&job->Value, &count);
        if (status is null) status = Input(context, 7, (void**)&job->CumulativeLengths, &count);
        if (status is null) status = Input(context, 8, (void**)&job->PastLengths, &count);
        if (status is null) job->SequenceCount = (int)count;
        if (status is null) status = Input(context, 9, (void**)&job->BlockTable, &count);
        if (status is not null)
            return status;
        job->TokenCount = (int)rows;
        job->BlockTableWidth = (int)(count / Math.Max(job->SequenceCount, 1));
        if (job->Key is not null)
        {
            (job->QueryStride, job->KeyStride, job->ValueStride) = (queryWidth, keyWidth, keyWidth);
            return null;
        }
        // Packed: one row holds the query, then the key, then the value.
        job->QueryStride = job->KeyStride = job->ValueStride = queryWidth + (2 * keyWidth);
        job->Key = job->Query + queryWidth;
        job->Value = job->Key + keyWidth;
        return null;
    }

    private static void* MakeOutput(AttentionJob* job, void* context)
    {
        long* dims = stackalloc long[2] { job->TokenCount, (long)job->Node->HeadCount * job->Node->HeadSize };
        void* value;
        void* status = OrtFunctions.KernelContextGetOutput(context, 0, dims, 2, &value);
        return status is null ? OrtFunctions.GetTensorData(value, (void**)&job->Output) : status;
    }

    /// <summary>An input's data and first dimension (all elements of an int32 one); null data when it is absent.</summary>
    private static void* Input(void* context, nuint index, void** data, long* length)
    {
        void* value;
        void* status = OrtFunctions.KernelContextGetInput(context, index, &value);
        if (status is not null || value is null)
            return status;
        int type;
        long* dims;
        nuint rank;
        status = OrtFunctions.GetTypeAndShape(value, &type, &dims, &rank);
        if (status is not null)
            return status;
        *length = type == 1 || rank < 2 ? dims[0] : dims[0] * dims[1];
        return OrtFunctions.GetTensorData(value, data);
    }

    private static void* Int(void* info, ReadOnlySpan<byte> name, int* to)
    {
        long value;
        void* status = OrtFunctions.KernelInfoGetInt(info, OrtFunctions.Literal(name), &value);
        if (status is null)
            *to = (int)value;
        return status;
    }

    private static void* Constant(void* info, nuint index, float** data, long* length)
    {
        int isConstant;
        void* value;
        void* status = OrtFunctions.KernelInfoGetConstantInput(info, index, &isConstant, &value);
        if (status is not null)
            return status;
        if (isConstant == 0)
            return OrtFunctions.Fail($"PagedAttention's input {index} must be constant.");
        int type;
        long* dims;
        nuint rank;
        status = OrtFunctions.GetTypeAndShape(value, &type, &dims, &rank);
        if (status is not null)
            return status;
        *length = dims[0];
        return OrtFunctions.GetTensorData(value, (void**)data);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(void* kernel) => NativeMemory.Free(kernel);
}
