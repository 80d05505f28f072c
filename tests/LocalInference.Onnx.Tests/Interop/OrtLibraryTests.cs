using LocalInference.Onnx.Interop;

namespace LocalInference.Onnx.Tests.Interop;

/// <summary>Refusals only: this process runs on the package's own library. Another one runs in LocalInference.Onnx.Gpu.Tests.</summary>
public class OrtLibraryTests
{
    [Fact]
    public void Use_NoSuchFile_SaysSo()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => OrtLibrary.Use("/nowhere/libonnxruntime.so.1"));
        Assert.Equal("The onnxruntime library '/nowhere/libonnxruntime.so.1' cannot be loaded: there is no such file.", refusal.Message);
    }

    [Fact]
    public void Use_AfterThePackagesOwn_IsRefused()
    {
        OrtRuntime.EnsureStarted();
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => OrtLibrary.Use(typeof(OrtLibrary).Assembly.Location));
        Assert.Contains(
            "this process runs on the package's own library already. Name one library for all models of a process.", refusal.Message);
    }
}
