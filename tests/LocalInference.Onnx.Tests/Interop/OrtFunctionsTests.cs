using System.Text;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Interop;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Tests.Interop;

public unsafe class OrtFunctionsTests
{
    [Fact]
    public void CustomOp_Layout_IsAsInTheHeader() => Assert.Equal(208, sizeof(OrtCustomOp));

    [Fact]
    public void Check_Failure_CarriesTheText()
    {
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(
            () => OrtFunctions.Check(OrtFunctions.Fail("kein Platz für 日本")));
        Assert.Equal("ONNX Runtime failed with code 1: kein Platz für 日本", failure.Message);
        OrtFunctions.Check(null);
    }

    [Fact]
    public void Domain_Name_IsTheOneThatNodesCarry() =>
        Assert.Equal(OnnxNames.OwnDomain, Encoding.UTF8.GetString(CustomOperatorDomain.Name));

    [Fact]
    public void EnsureStarted_EnvironmentExists_IsKept()
    {
        OrtRuntime.EnsureStarted();
        nint before = OrtEnv.Instance().DangerousGetHandle();
        OrtRuntime.EnsureStarted();
        Assert.Equal(before, OrtEnv.Instance().DangerousGetHandle());
    }

    [Fact]
    public void Buffer_Grows_KeepsAlignmentAndRoom()
    {
        using var buffer = new NativeBuffer<float>(3);
        buffer.Ensure(2);
        Assert.Equal(3, buffer.Length);
        buffer.Ensure(4);
        Assert.Equal(6, buffer.Length);
        buffer.Ensure(100);
        Assert.Equal(100, buffer.Length);
        Assert.Equal(0, (nint)buffer.Address % 64);
        buffer.Span(100).Fill(1);
    }
}
