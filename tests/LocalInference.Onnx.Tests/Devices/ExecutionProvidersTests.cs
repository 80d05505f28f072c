using LocalInference.Onnx.Devices;

namespace LocalInference.Onnx.Tests.Devices;

public class ExecutionProvidersTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("webgpu", "the loaded onnxruntime library has no WebGPU provider")]
    [InlineData("cuda", "the loaded onnxruntime library has no CUDA provider")]
    public void ReasonAgainst_NuGetsCpuLibrary_IsTheLibrary(string device, string expected)
    {
        string? reason = ExecutionProviders.ReasonAgainst(device);
        output.WriteLine($"{device}: {reason}");
        Assert.Contains(expected, reason);
    }

    [Fact]
    public void ReasonAgainst_Cpu_IsNone() => Assert.Null(ExecutionProviders.ReasonAgainst("cpu"));

    [Theory]
    [InlineData("webgpu", "[ErrorCode:InvalidArgument] WebGPU execution provider is not supported in this build.", "", "library has no WebGPU provider")]
    [InlineData("webgpu", "[ErrorCode:Fail] Failed to get a WebGPU adapter: No supported adapters.", "", "the Vulkan loader libvulkan.so.1 is missing")]
    [InlineData("webgpu", "[ErrorCode:Fail] Failed to get a WebGPU adapter: No supported adapters.", "libvulkan.so.1", "Vulkan finds no adapter; install")]
    [InlineData("webgpu", "Something\nelse.", "libvulkan.so.1", "ONNX Runtime says: Something else")]
    [InlineData("cuda", "CUDA execution provider is not enabled in this build.", "libcuda.so.1", "build with -p:Device=cuda")]
    [InlineData("cuda", "Failed to load library libonnxruntime_providers_cuda.so", "", "the NVIDIA driver's libcuda.so.1 is missing")]
    [InlineData("cuda", "Failed to load library libonnxruntime_providers_cuda.so: libcudnn.so.9", "libcuda.so.1", "ONNX Runtime says: Failed to load library")]
    public void Explain_Message_SaysWhatIsMissing(string device, string message, string libraries, string expected) =>
        Assert.Contains(expected, ExecutionProviders.Explain(device, message, libraries.Contains));
}
