using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace LocalInference.Onnx.Gpu.Tests.Testing;

/// <summary>
/// Lets the managed API of ONNX Runtime 1.31 run on the native library 1.30, the newest that npm has: the library's answer to "give me API
/// version 31" is replaced by its own table with the entries that it lacks, which fail with a status. The table only grows from version to
/// version, so the rest is the same. For tests only: a product takes a library of its own version.
/// </summary>
internal static unsafe class ApiBridge
{
    private const uint OwnVersion = 30, AskedVersion = 31;

    /// <summary>Entries of the table of version 30, and of the one that is given out.</summary>
    private const int OwnEntries = 425, Entries = 512;

    private static readonly void** Padded = (void**)NativeMemory.AllocZeroed(Entries, (nuint)sizeof(void*));
    private static readonly byte* Text = (byte*)Marshal.StringToCoTaskMemUTF8("This entry is not in the library that the tests run on.");
    private static delegate* unmanaged[Cdecl]<uint, void**> _own;

    /// <summary>Changes the library in this process' memory; its file stays as it is.</summary>
    /// <param name="library">Loaded; version 1.30.</param>
    public static void Apply(nint library)
    {
        var api = (ApiBase*)((delegate* unmanaged[Cdecl]<void*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        string version = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(api->GetVersionString()));
        if (!version.StartsWith($"1.{OwnVersion}.", StringComparison.Ordinal))
            throw new InvalidOperationException($"The bridge is for version 1.{OwnVersion}; the library is of version {version}.");
        _own = api->GetApi;
        void** table = _own(OwnVersion);
        for (int i = 0; i < Entries; i++)
            Padded[i] = i < OwnEntries ? table[i] : (delegate* unmanaged[Cdecl]<void*>)&Missing;
        MakeWritable(api);
        api->GetApi = &GetApi;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void** GetApi(uint version) => version == AskedVersion ? Padded : _own(version);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Missing()
    {
        const int NotImplemented = 9;
        return ((delegate* unmanaged[Cdecl]<int, byte*, void*>)Padded[0])(NotImplemented, Text);
    }

    private static void MakeWritable(ApiBase* api)
    {
        const int ReadAndWrite = 3;
        nint size = Environment.SystemPageSize, start = (nint)api & ~(size - 1), end = (nint)(api + 1);
        if (Protect(start, (nuint)(((end - start + size - 1) / size) * size), ReadAndWrite) != 0)
            throw new InvalidOperationException(
                $"The system refuses to make the library's entry writable (error {Marshal.GetLastPInvokeError()}).");
    }

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static extern int Protect(nint address, nuint length, int protection);

    [StructLayout(LayoutKind.Sequential)]
    private struct ApiBase
    {
        public delegate* unmanaged[Cdecl]<uint, void**> GetApi;
        public delegate* unmanaged[Cdecl]<byte*> GetVersionString;
    }
}
