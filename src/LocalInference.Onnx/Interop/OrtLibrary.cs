using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Interop;

/// <summary>
/// The one native library of ONNX Runtime in this process, for its managed API and for <see cref="OrtFunctions"/> alike: two copies would
/// not know each other's objects. It is the package's own unless a path is given before anything of ONNX Runtime has run.
/// </summary>
internal static unsafe class OrtLibrary
{
    /// <summary>The API version that the managed API asks the library for; without it its types cannot be initialised.</summary>
    private const uint ManagedApiVersion = 31;

    private static readonly Lock Gate = new();
    private static nint _handle;
    private static string? _path;

    /// <summary>The library's entry point.</summary>
    public static OrtApiBase* ApiBase => BaseOf(Handle);

    private static nint Handle
    {
        get
        {
            lock (Gate)
            {
                // As the managed API finds it when nobody resolves for it.
                if (_handle == 0)
                    _handle = NativeLibrary.Load("onnxruntime", typeof(InferenceSession).Assembly, searchPath: null);
                return _handle;
            }
        }
    }

    /// <summary>Makes the process use another library than the package's. Naming the same one again changes nothing.</summary>
    /// <param name="path">The file, for example a build with another execution provider.</param>
    /// <exception cref="ArgumentException">It cannot be loaded, is too old, or another library is in use already; says what to do.</exception>
    public static void Use(string path)
    {
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new ArgumentException($"The onnxruntime library '{full}' cannot be loaded: there is no such file.");
        lock (Gate)
        {
            if (full == _path)
                return;
            if (_handle != 0)
                throw new ArgumentException(
                    $"The onnxruntime library '{full}' cannot be used: "
                    + $"this process runs on {_path ?? "the package's own library"} already. "
                    + "Name one library for all models of a process.");
            nint handle = Load(full);
            Resolve(handle, full);
            (_handle, _path) = (handle, full);
        }
    }

    private static nint Load(string path)
    {
        nint handle;
        try
        {
            handle = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            string reason = e.Message.ReplaceLineEndings(" ").Trim();
            throw new ArgumentException($"The onnxruntime library '{path}' cannot be loaded: {reason}", e);
        }
        if (!NativeLibrary.TryGetExport(handle, "OrtGetApiBase", out _))
            throw new ArgumentException($"'{path}' is no onnxruntime library: it has no OrtGetApiBase. Name libonnxruntime.so.1 itself.");
        OrtApiBase* api = BaseOf(handle);
        return api->GetApi(ManagedApiVersion) is not null
            ? handle
            : throw new ArgumentException(
                $"The onnxruntime library '{path}' is of version {Marshal.PtrToStringUTF8((nint)api->GetVersionString())}, "
                + $"which lacks API version {ManagedApiVersion}. Use a library of version 1.{ManagedApiVersion} or later.");
    }

    private static void Resolve(nint handle, string path)
    {
        OrtEnv.DisableDllImportResolver = true;
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(InferenceSession).Assembly, (name, _, _) => name == "onnxruntime" ? handle : 0);
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException(
                $"The onnxruntime library '{path}' cannot be used: "
                + "the application has used ONNX Runtime before, or resolves its library itself. "
                + "Name the library before the first use, or let the application resolve to it.", e);
        }
    }

    private static OrtApiBase* BaseOf(nint handle) =>
        ((delegate* unmanaged[Cdecl]<OrtApiBase*>)NativeLibrary.GetExport(handle, "OrtGetApiBase"))();

    /// <summary>What a library gives on being asked: the way to its function tables.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OrtApiBase
    {
        public delegate* unmanaged[Cdecl]<uint, void**> GetApi;
        public delegate* unmanaged[Cdecl]<byte*> GetVersionString;
    }
}
