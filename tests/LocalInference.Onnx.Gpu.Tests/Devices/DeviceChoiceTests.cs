using System.Runtime.InteropServices;
using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Kernels;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Gpu.Tests.Devices;

public class DeviceChoiceTests
{
    [Fact]
    public void For_Auto_TakesTheDeviceAndSaysWhyNotCuda()
    {
        WebGpu.Require();
        Assert.SkipWhen(NativeLibrary.TryLoad(CudaDriver.Library, out _), "There is an NVIDIA driver.");
        DeviceChoice choice = DeviceChoice.For(DeviceNames.Auto);
        Assert.Equal(DeviceNames.WebGpu, choice.Name);
        RejectedDevice cuda = Assert.Single(choice.Rejected);
        Assert.Equal(DeviceNames.Cuda, cuda.Name);
        Assert.Contains("libcuda.so.1 is missing", cuda.Reason);
    }

    [Fact]
    public void Library_NamedAgain_IsTheSame_AnotherIsRefused()
    {
        WebGpu.Require();
        OrtLibrary.Use(WebGpu.LibraryPath);
        string message = Assert.Throws<ArgumentException>(() => OrtLibrary.Use(typeof(OrtLibrary).Assembly.Location)).Message;
        Assert.Contains($"this process runs on {WebGpu.LibraryPath} already", message);
    }

    [Fact]
    public void Cpu_OnTheSameLibrary_RunsToo()
    {
        WebGpu.Require();
        OnnxModel model = OnnxModel.Load(Repository.TinyR1, new OnnxModelOptions { Library = WebGpu.LibraryPath }, NullLogger.Instance);
        using var runner = model.CreateRunner(new RunnerOptions());
        Assert.True(runner.Capabilities.IsBatchInvariant);
    }

    [Fact]
    public void CacheType_ForAGpu_IsRefused() => Assert.Contains(
        "the cache is fp16 on webgpu",
        Assert.Throws<ArgumentException>(
            () => WebGpu.Load(Repository.TinyR1).CreateRunner(new RunnerOptions { KvType = KvType.Int8 })).Message);
}
