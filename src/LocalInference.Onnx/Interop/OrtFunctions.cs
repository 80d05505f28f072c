using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// The slots of ONNX Runtime's C function table that its managed API lacks: custom operators whose kernels are C# functions, and rebinding
/// without allocation. Slot numbers are those of <c>onnxruntime_c_api.h</c>; the table only grows, so a number holds for every later
/// version.
/// </summary>
internal static unsafe class OrtFunctions
{
    /// <summary>The lowest API version that has every slot used here (414 came with 24).</summary>
    private const uint ApiVersion = 24;

    private static readonly void** Table = Load();

    private static readonly ConcurrentDictionary<string, nint> Names = new();

    public static void* CreateStatus(int code, byte* message) => ((delegate* unmanaged[Cdecl]<int, byte*, void*>)Table[0])(code, message);

    public static void* CreateCustomOpDomain(byte* name, void** domain) =>
        ((delegate* unmanaged[Cdecl]<byte*, void**, void*>)Table[26])(name, domain);

    public static void* CustomOpDomainAdd(void* domain, OrtCustomOp* op) =>
        ((delegate* unmanaged[Cdecl]<void*, OrtCustomOp*, void*>)Table[27])(domain, op);

    public static void* AddCustomOpDomain(nint options, void* domain) =>
        ((delegate* unmanaged[Cdecl]<nint, void*, void*>)Table[28])(options, domain);

    public static void ReleaseCustomOpDomain(void* domain) => ((delegate* unmanaged[Cdecl]<void*, void>)Table[101])(domain);

    public static void* CreateTensor(nint allocator, long* dims, nuint rank, int type, void** value) =>
        ((delegate* unmanaged[Cdecl]<nint, long*, nuint, int, void**, void*>)Table[48])(allocator, dims, rank, type, value);

    public static void* CreateTensorWithData(void* memory, void* data, nuint bytes, long* dims, nuint rank, int type, void** value) =>
        ((delegate* unmanaged[Cdecl]<void*, void*, nuint, long*, nuint, int, void**, void*>)Table[49])(
            memory, data, bytes, dims, rank, type, value);

    public static void* AddExternalInitializers(nint options, byte** names, void** values, nuint count) =>
        ((delegate* unmanaged[Cdecl]<nint, byte**, void**, nuint, void*>)Table[210])(options, names, values, count);

    public static void* GetTensorData(void* value, void** data) =>
        ((delegate* unmanaged[Cdecl]<void*, void**, void*>)Table[51])(value, data);

    public static void* KernelInfoGetFloat(void* info, byte* name, float* value) =>
        ((delegate* unmanaged[Cdecl]<void*, byte*, float*, void*>)Table[85])(info, name, value);

    public static void* KernelInfoGetInt(void* info, byte* name, long* value) =>
        ((delegate* unmanaged[Cdecl]<void*, byte*, long*, void*>)Table[86])(info, name, value);

    public static void* KernelContextGetInput(void* context, nuint index, void** value) =>
        ((delegate* unmanaged[Cdecl]<void*, nuint, void**, void*>)Table[90])(context, index, value);

    public static void* KernelContextGetOutput(void* context, nuint index, long* dims, nuint rank, void** value) =>
        ((delegate* unmanaged[Cdecl]<void*, nuint, long*, nuint, void**, void*>)Table[91])(context, index, dims, rank, value);

    public static void ReleaseValue(void* value) => ((delegate* unmanaged[Cdecl]<void*, void>)Table[96])(value);

    public static void* BindInput(nint binding, byte* name, void* value) =>
        ((delegate* unmanaged[Cdecl]<nint, byte*, void*, void*>)Table[136])(binding, name, value);

    public static void* BindOutput(nint binding, byte* name, void* value) =>
        ((delegate* unmanaged[Cdecl]<nint, byte*, void*, void*>)Table[137])(binding, name, value);

    public static void* KernelInfoGetConstantInput(void* info, nuint index, int* isConstant, void** value) =>
        ((delegate* unmanaged[Cdecl]<void*, nuint, int*, void**, void*>)Table[249])(info, index, isConstant, value);

    public static void* ParallelFor(
        void* context, delegate* unmanaged[Cdecl]<void*, nuint, void> body, nuint total, nuint batches, void* state) =>
        ((delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<void*, nuint, void>, nuint, nuint, void*, void*>)Table[274])(
            context, body, total, batches, state);

    public static void ClearBoundOutputs(nint binding) => ((delegate* unmanaged[Cdecl]<nint, void>)Table[142])(binding);

    public static void* CopyTensors(nint environment, void** sources, void** targets, void* stream, nuint count) =>
        ((delegate* unmanaged[Cdecl]<nint, void**, void**, void*, nuint, void*>)Table[386])(environment, sources, targets, stream, count);

    public static void* GetAssignedSubgraphs(nint session, void*** subgraphs, nuint* count) =>
        ((delegate* unmanaged[Cdecl]<nint, void***, nuint*, void*>)Table[407])(session, subgraphs, count);

    public static void* GetProviderName(void* subgraph, byte** name) =>
        ((delegate* unmanaged[Cdecl]<void*, byte**, void*>)Table[408])(subgraph, name);

    public static void* GetAssignedNodes(void* subgraph, void*** nodes, nuint* count) =>
        ((delegate* unmanaged[Cdecl]<void*, void***, nuint*, void*>)Table[409])(subgraph, nodes, count);

    public static void* GetNodeName(void* node, byte** name) => ((delegate* unmanaged[Cdecl]<void*, byte**, void*>)Table[410])(node, name);

    public static void* GetNodeOperator(void* node, byte** name) =>
        ((delegate* unmanaged[Cdecl]<void*, byte**, void*>)Table[412])(node, name);

    public static void* GetTypeAndShape(void* value, int* type, long** dims, nuint* rank) =>
        ((delegate* unmanaged[Cdecl]<void*, int*, long**, nuint*, void*>)Table[414])(value, type, dims, rank);

    /// <summary>The address of a UTF-8 literal: such literals end with a zero and never move.</summary>
    public static byte* Literal(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));

    /// <summary>
    /// A tensor's name in UTF-8. Made once and kept: the served graph's inputs and outputs are few and named alike in every model.
    /// </summary>
    public static byte* Name(string name) => (byte*)Names.GetOrAdd(name, Marshal.StringToCoTaskMemUTF8);

    /// <summary>A failure status with a text, for kernels.</summary>
    public static void* Fail(string message)
    {
        const int Fail = 1;
        byte[] text = Encoding.UTF8.GetBytes(message + '\0');
        fixed (byte* start = text)
            return CreateStatus(Fail, start);
    }

    /// <summary>Turns a failure into an exception.</summary>
    public static void Check(void* status)
    {
        if (status is not null)
            Throw(status);
    }

    private static void Throw(void* status)
    {
        int code = ((delegate* unmanaged[Cdecl]<void*, int>)Table[1])(status);
        string message = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<void*, byte*>)Table[2])(status)) ?? "";
        ((delegate* unmanaged[Cdecl]<void*, void>)Table[93])(status);
        throw new InvalidOperationException($"ONNX Runtime failed with code {code}: {message}");
    }

    private static void** Load()
    {
        OrtLibrary.OrtApiBase* library = OrtLibrary.ApiBase;
        void** table = library->GetApi(ApiVersion);
        return table is not null
            ? table
            : throw new InvalidOperationException(
                $"The loaded onnxruntime library {Marshal.PtrToStringUTF8((nint)library->GetVersionString())} "
                + $"lacks API version {ApiVersion}. Use the library of the NuGet package Microsoft.ML.OnnxRuntime.");
    }
}
