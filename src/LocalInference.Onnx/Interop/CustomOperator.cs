using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// One custom operator in native memory: ONNX Runtime's description first, ours behind it, so that a callback finds everything from the
/// operator's address. Must outlive every session that uses it.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CustomOperator
{
    /// <summary>An input or output that must be there.</summary>
    public const byte Required = 0;

    /// <summary>One that may be left out.</summary>
    public const byte Optional = 1;

    /// <summary>ONNX's number of float32.</summary>
    public const byte FloatType = 1;

    /// <summary>ONNX's number of uint8.</summary>
    public const byte ByteType = 2;

    private const int MaxSlots = 16;

    private OrtCustomOp _op;
    private byte* _name;
    private int _inputCount;
    private int _outputType;
    private fixed byte _inputTypes[MaxSlots];
    private fixed byte _inputKinds[MaxSlots];

    /// <summary>What the kernels of one session share; not owned.</summary>
    public void* State;

    /// <summary>Describes an operator with one output.</summary>
    /// <param name="name">A UTF-8 literal.</param>
    /// <param name="inputTypes">ONNX element types.</param>
    /// <param name="inputKinds"><see cref="Required"/> or <see cref="Optional"/>, one per input.</param>
    /// <param name="functions">The kernel.</param>
    /// <param name="state">Found again by <see cref="StateOf"/>.</param>
    /// <param name="outputType">The output's ONNX element type; float where nothing is said.</param>
    public static CustomOperator* Allocate(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> inputTypes, ReadOnlySpan<byte> inputKinds, KernelFunctions functions, void* state,
        byte outputType = FloatType)
    {
        var op = (CustomOperator*)NativeMemory.AllocZeroed((nuint)sizeof(CustomOperator));
        op->_name = OrtFunctions.Literal(name);
        op->_inputCount = inputTypes.Length;
        op->_outputType = outputType;
        inputTypes.CopyTo(new Span<byte>(op->_inputTypes, MaxSlots));
        inputKinds.CopyTo(new Span<byte>(op->_inputKinds, MaxSlots));
        op->State = state;
        op->_op = new OrtCustomOp
        {
            // ONNX Runtime reads newer fields by this number; it is the version that the layout above was written for.
            Version = 24,
            GetName = &GetName,
            GetExecutionProviderType = &GetExecutionProvider,
            GetInputType = &GetInputType,
            GetInputTypeCount = &GetInputCount,
            GetOutputType = &GetOutputType,
            GetOutputTypeCount = &GetOutputCount,
            KernelDestroy = functions.Destroy,
            GetInputCharacteristic = &GetInputKind,
            GetOutputCharacteristic = &Zero,
            GetInputMemoryType = &Zero,
            GetVariadicInputMinArity = &One,
            GetVariadicInputHomogeneity = &One,
            GetVariadicOutputMinArity = &One,
            GetVariadicOutputHomogeneity = &One,
            CreateKernelV2 = functions.Create,
            KernelComputeV2 = functions.Compute,
            GetStartVersion = &One,
            GetEndVersion = &Last,
        };
        return op;
    }

    /// <summary>The state that an operator was made with.</summary>
    public static void* StateOf(OrtCustomOp* op) => ((CustomOperator*)op)->State;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetName(OrtCustomOp* op) => ((CustomOperator*)op)->_name;

    /// <summary>Null is the CPU.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetExecutionProvider(OrtCustomOp* op) => null;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetInputType(OrtCustomOp* op, nuint index) => ((CustomOperator*)op)->_inputTypes[index];

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint GetInputCount(OrtCustomOp* op) => (nuint)((CustomOperator*)op)->_inputCount;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetOutputType(OrtCustomOp* op, nuint index) => ((CustomOperator*)op)->_outputType;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint GetOutputCount(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetInputKind(OrtCustomOp* op, nuint index) => ((CustomOperator*)op)->_inputKinds[index];

    /// <summary>An output that is required; an input in the provider's own memory.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Zero(OrtCustomOp* op, nuint index) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int One(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Last(OrtCustomOp* op) => int.MaxValue;
}

/// <summary>The three functions of a kernel. None may let an exception out: one that crosses a native frame ends the process.</summary>
internal readonly unsafe struct KernelFunctions(
    delegate* unmanaged[Cdecl]<OrtCustomOp*, void**, void*, void**, void*> create,
    delegate* unmanaged[Cdecl]<void*, void*, void*> compute,
    delegate* unmanaged[Cdecl]<void*, void> destroy)
{
    /// <summary>Operator, API, node information → kernel.</summary>
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, void**, void*, void**, void*> Create => create;

    /// <summary>Kernel, context → status.</summary>
    public delegate* unmanaged[Cdecl]<void*, void*, void*> Compute => compute;

    /// <summary>Frees a kernel.</summary>
    public delegate* unmanaged[Cdecl]<void*, void> Destroy => destroy;
}
