using LocalInference.Core.Execution;
using LocalInference.Onnx.Devices;

namespace LocalInference.Onnx.Tests.Devices;

public class ExecutionProviderTests(ITestOutputHelper output)
{
    [Fact]
    public void Names_OfAllProviders_AreWhatMayBeAskedFor() => Assert.Equal(
        DeviceNames.All.Order(), [.. DeviceNames.Providers.Select(p => p.Device).Concat([DeviceNames.Auto, DeviceNames.Cpu]).Order()]);

    [Theory]
    [InlineData("webgpu", "the loaded onnxruntime library has no WebGPU provider")]
    [InlineData("cuda", "the loaded onnxruntime library has no CUDA provider")]
    public void ReasonAgainst_NuGetsCpuLibrary_IsTheLibrary(string device, string expected)
    {
        string? reason = Provider(device).ReasonAgainst();
        output.WriteLine($"{device}: {reason}");
        Assert.Contains(expected, reason);
    }

    [Theory]
    [InlineData("webgpu", "[ErrorCode:InvalidArgument] WebGPU execution provider is not supported in this build.", "", "library has no WebGPU provider")]
    [InlineData("webgpu", "[ErrorCode:Fail] Failed to get a WebGPU adapter: No supported adapters.", "", "the Vulkan loader libvulkan.so.1 is missing")]
    [InlineData("webgpu", "[ErrorCode:Fail] Failed to get a WebGPU adapter: No supported adapters.", "libvulkan.so.1", "Vulkan finds no adapter; install")]
    [InlineData("webgpu", "Something\nelse.", "libvulkan.so.1", "ONNX Runtime says: Something else")]
    [InlineData("cuda", "CUDA execution provider is not enabled in this build.", "libcuda.so.1", "build with -p:Device=cuda")]
    [InlineData("cuda", "Failed to load library libonnxruntime_providers_cuda.so", "", "the NVIDIA driver's libcuda.so.1 is missing")]
    [InlineData("cuda", "Failed to load library libonnxruntime_providers_cuda.so: libcudnn.so.9", "libcuda.so.1", "ONNX Runtime says: Failed to load library")]
    public void Explain_Message_SaysWhatIsMissing(string device, string message, string libraries, string expected) =>
        Assert.Contains(expected, Provider(device).Explain(message, libraries.Contains));

    /// <summary>Keys of a token in a layer: 1 KiB; four such tensors in all. Of 128 MiB that is 131,072 tokens, 512 MiB over all.</summary>
    [Theory]
    [InlineData(1024, 512L << 20)]
    [InlineData(256, 1L << 30)]
    public void RoomFor_WebGpu_IsWhatOneTensorCanBindAndAQuarterAtMost(int keyBytes, long expected)
    {
        var layer = new KvLayer([new KvTensor("key", keyBytes), new KvTensor("value", 1024)]);
        Assert.Equal(expected, new WebGpuProvider().RoomFor(new KvLayout(16, [layer, layer]), gpu: null));
    }

    private static ExecutionProvider Provider(string device) => DeviceNames.Providers.Single(p => p.Device == device);
}
