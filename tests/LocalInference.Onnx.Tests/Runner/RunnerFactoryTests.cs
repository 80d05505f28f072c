using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests.Runner;

public class RunnerFactoryTests
{
    /// <summary>A runner holds weights and cache: one that fails at its first steps must not keep them.</summary>
    [Fact]
    public void Proven_ProbeFails_RunnerIsGivenBack()
    {
        ModelFolder folder = ModelFolder.Read(Repository.TinyR1);
        var factory = new RunnerFactory(ServedGraph.Build(folder), folder, DeviceChoice.For("cpu"), NullLogger.Instance);
        using var runner = new MemoryStream();
        Assert.Throws<InvalidOperationException>(() => factory.Proven(() => runner, _ => throw new InvalidOperationException()));
        Assert.False(runner.CanRead);
    }
}
