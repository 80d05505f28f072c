using System.Runtime.InteropServices;

namespace LocalInference.Onnx.Devices;

/// <summary>
/// What NVIDIA's driver library tells of GPUs. Its numbers are those that ONNX Runtime takes. (Written from the driver's documentation;
/// there has been no GPU to run it on.)
/// </summary>
internal sealed unsafe class CudaDriver : IDisposable
{
    /// <summary>The driver's library.</summary>
    public const string Library = "libcuda.so.1";

    private const int NameLength = 256, UuidLength = 16;

    private readonly nint _library;

    private CudaDriver(nint library) => _library = library;

    /// <summary>Loads the driver.</summary>
    /// <returns>Null where there is none, or it has no device.</returns>
    public static CudaDriver? TryLoad()
    {
        if (!NativeLibrary.TryLoad(Library, out nint library))
            return null;
        var driver = new CudaDriver(library);
        if (((delegate* unmanaged[Cdecl]<uint, int>)driver.Find("cuInit"))(0) == 0)
            return driver;
        driver.Dispose();
        return null;
    }

    /// <summary>All GPUs that this process may use.</summary>
    public IReadOnlyList<CudaDevice> List()
    {
        int count;
        Check("cuDeviceGetCount", ((delegate* unmanaged[Cdecl]<int*, int>)Find("cuDeviceGetCount"))(&count));
        return [.. Enumerable.Range(0, count).Select(Describe)];
    }

    /// <summary>Memory of a GPU that nobody has taken, this process' own ONNX Runtime counted among those who have.</summary>
    public long FreeBytes(int index)
    {
        int device = DeviceOf(index);
        nint context, popped;
        nuint free, total;
        var retain = (delegate* unmanaged[Cdecl]<nint*, int, int>)Find("cuDevicePrimaryCtxRetain");
        Check("cuDevicePrimaryCtxRetain", retain(&context, device));
        try
        {
            Check("cuCtxPushCurrent", ((delegate* unmanaged[Cdecl]<nint, int>)Find("cuCtxPushCurrent_v2"))(context));
            int status = ((delegate* unmanaged[Cdecl]<nuint*, nuint*, int>)Find("cuMemGetInfo_v2"))(&free, &total);
            Check("cuCtxPopCurrent", ((delegate* unmanaged[Cdecl]<nint*, int>)Find("cuCtxPopCurrent_v2"))(&popped));
            Check("cuMemGetInfo", status);
        }
        finally
        {
            _ = ((delegate* unmanaged[Cdecl]<int, int>)Find("cuDevicePrimaryCtxRelease_v2"))(device);
        }
        return (long)free;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeLibrary.Free(_library);

    private static void Check(string function, int status)
    {
        if (status != 0)
            throw new InvalidOperationException($"NVIDIA's driver failed in {function} with code {status}.");
    }

    private CudaDevice Describe(int index)
    {
        int device = DeviceOf(index);
        byte* name = stackalloc byte[NameLength], uuid = stackalloc byte[UuidLength];
        nuint bytes;
        Check("cuDeviceGetName", ((delegate* unmanaged[Cdecl]<byte*, int, int, int>)Find("cuDeviceGetName"))(name, NameLength, device));
        Check("cuDeviceGetUuid", ((delegate* unmanaged[Cdecl]<byte*, int, int>)Find("cuDeviceGetUuid_v2"))(uuid, device));
        Check("cuDeviceTotalMem", ((delegate* unmanaged[Cdecl]<nuint*, int, int>)Find("cuDeviceTotalMem_v2"))(&bytes, device));
        var id = new Guid(new ReadOnlySpan<byte>(uuid, UuidLength), bigEndian: true);
        return new CudaDevice(index, Marshal.PtrToStringUTF8((nint)name) ?? "", $"GPU-{id}", (long)bytes);
    }

    private int DeviceOf(int index)
    {
        int device;
        Check("cuDeviceGet", ((delegate* unmanaged[Cdecl]<int*, int, int>)Find("cuDeviceGet"))(&device, index));
        return device;
    }

    private void* Find(string function) => (void*)NativeLibrary.GetExport(_library, function);
}
