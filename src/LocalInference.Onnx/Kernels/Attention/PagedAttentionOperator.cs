using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Kernels.Attention;

/// <summary>The custom operator <c>PagedAttention</c>: what ONNX Runtime calls when it makes, runs and frees a layer's kernel.</summary>
internal static unsafe class PagedAttentionOperator
{
    private const string Name = "PagedAttention";
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
        new KernelFunctions(&Create, &Compute, &KernelNode.Destroy),
        pool.Memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Create(OrtCustomOp* op, void** api, void* info, void** kernel) =>
        KernelNode.Create<AttentionNode>(op, info, kernel, Name, &Read);

    private static void* Read(AttentionNode* node, void* state, void* info)
    {
        node->Memory = (AttentionMemory*)state;
        long rotary = 0, norms = 0;
        void* status = KernelTensors.Int(info, "layer"u8, &node->Layer);
        if (status is null) status = KernelTensors.Int(info, "num_heads"u8, &node->HeadCount);
        if (status is null) status = KernelTensors.Int(info, "kv_num_heads"u8, &node->KvHeadCount);
        if (status is null) status = KernelTensors.Int(info, "head_size"u8, &node->HeadSize);
        if (status is null) status = OrtFunctions.KernelInfoGetInt(info, OrtFunctions.Literal("rotary"u8), &rotary);
        if (status is null) status = OrtFunctions.KernelInfoGetInt(info, OrtFunctions.Literal("qk_norm"u8), &norms);
        if (status is null) status = OrtFunctions.KernelInfoGetFloat(info, OrtFunctions.Literal("scale"u8), &node->Scale);
        if (status is null) status = OrtFunctions.KernelInfoGetFloat(info, OrtFunctions.Literal("qk_norm_epsilon"u8), &node->NormEpsilon);
        if (status is null && rotary != 0) status = KernelTensors.Constant(info, CosInput, &node->Cos, &node->RotaryPositions);
        if (status is null && rotary != 0) status = KernelTensors.Constant(info, SinInput, &node->Sin, &node->RotaryPositions);
        if (status is null && norms != 0) status = KernelTensors.Constant(info, QueryNormInput, &node->QueryNorm);
        if (status is null && norms != 0) status = KernelTensors.Constant(info, KeyNormInput, &node->KeyNorm);
        return status is null ? CheckAgainstPool(node) : status;
    }

    private static void* CheckAgainstPool(AttentionNode* node)
    {
        AttentionMemory* memory = node->Memory;
        return node->Layer < memory->LayerCount && node->HeadCount == memory->HeadCount && node->KvHeadCount == memory->KvHeadCount
            && node->HeadSize == memory->HeadSize
            ? null
            : OrtFunctions.Fail(
                $"PagedAttention of layer {node->Layer} ({node->HeadCount} heads over {node->KvHeadCount} key heads of {node->HeadSize}) does not fit a "
                + $"cache of {memory->LayerCount} layers ({memory->HeadCount} heads over {memory->KvHeadCount} key heads of {memory->HeadSize}).");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Compute(void* kernel, void* context) => KernelNode.Compute<AttentionNode>(kernel, context, Name, &Compute);

    private static void* Compute(AttentionNode* node, void* context)
    {
        AttentionJob job = default;
        job.Node = node;
        void* status = ReadInputs(&job, context);
        if (status is null)
            status = AttentionStep.Check(&job);
        if (status is null)
            status = KernelTensors.Output(context, job.TokenCount, (long)node->HeadCount * node->HeadSize, (void**)&job.Output);
        return status is null ? PagedAttention.Run(context, &job) : status;
    }

    private static void* ReadInputs(AttentionJob* job, void* context)
    {
        AttentionNode* node = job->Node;
        int keyWidth = node->KvHeadCount * node->HeadSize, queryWidth = node->HeadCount * node->HeadSize;
        int rows, tableRows = 0;
        void* status = KernelTensors.Rows(context, 0, (void**)&job->Query, &job->TokenCount);
        if (status is null) status = KernelTensors.Rows(context, 1, (void**)&job->Key, &rows);
        if (status is null) status = KernelTensors.Rows(context, 2, (void**)&job->Value, &rows);
        if (status is null) status = KernelTensors.Rows(context, 7, (void**)&job->CumulativeLengths, &rows);
        if (status is null) status = KernelTensors.Rows(context, 8, (void**)&job->PastLengths, &job->SequenceCount);
        if (status is null) status = KernelTensors.Matrix(context, 9, (void**)&job->BlockTable, &tableRows, &job->BlockTableWidth);
        if (status is not null)
            return status;
        if (tableRows != job->SequenceCount)
            return OrtFunctions.Fail($"PagedAttention's block table has {tableRows} rows for {job->SequenceCount} sequences.");
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
}
