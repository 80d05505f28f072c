using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Interop;

/// <summary>A tensor in a device's memory, at an address that stays. What it holds at first is undefined.</summary>
internal sealed unsafe class DeviceTensor : IDisposable
{
    private void* _value;

    /// <summary>Takes the memory.</summary>
    /// <param name="allocator">The device's; must outlive the tensor.</param>
    /// <param name="elementType">Its ONNX element type.</param>
    /// <param name="dims">Its shape.</param>
    /// <exception cref="InvalidOperationException">The device has not so much.</exception>
    public DeviceTensor(OrtAllocator allocator, int elementType, params ReadOnlySpan<long> dims)
    {
        fixed (long* first = dims)
        {
            void* value;
            OrtFunctions.Check(OrtFunctions.CreateTensor(allocator.DangerousGetHandle(), first, (nuint)dims.Length, elementType, &value));
            _value = value;
        }
        void* address;
        OrtFunctions.Check(OrtFunctions.GetTensorData(_value, &address));
        Address = address;
    }

    /// <summary>Where it lies: an address on CUDA, a buffer's handle on WebGPU.</summary>
    public void* Address { get; private set; }

    /// <summary>ONNX Runtime's object.</summary>
    public void* Value => _value;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_value is null)
            return;
        OrtFunctions.ReleaseValue(_value);
        _value = Address = null;
    }
}
