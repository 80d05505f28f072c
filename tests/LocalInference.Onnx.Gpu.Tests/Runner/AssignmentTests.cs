using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Gpu.Tests.Testing;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Interop;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using LocalInference.Testing;
using Microsoft.ML.OnnxRuntime;

namespace LocalInference.Onnx.Gpu.Tests.Runner;

/// <summary>Where ONNX Runtime puts the nodes of a served graph.</summary>
public class AssignmentTests
{
    public static readonly TheoryData<string> Folders = ["onnx-int4-cpu", "onnx-int4-cuda", "onnx-int4-webgpu-paged"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Report_WebGpu_HasEveryNodeOnTheDevice(string folder)
    {
        using DeviceModelRunner runner = WebGpu.Runner(ReferenceData.PathOf("tiny-r1", folder));
        IReadOnlyList<AssignedNode> nodes = GraphAssignment.Of(runner.Session);
        Assert.All(nodes, n => Assert.Equal("WebGpuExecutionProvider", n.Provider));
        Assert.Equal(4, nodes.Count(n => n.Operator == "PagedAttention"));
        Assert.Contains(nodes, n => n.Operator == "ArgMax");
        Assert.Contains(nodes, n => n.Operator == "TopK");
        Assert.True(nodes.Count(n => n.Operator == "MatMulNBits") > 20);
    }

    /// <summary>The report is from before ONNX Runtime puts its own copies in; the graph that it runs in the end has none.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void OptimisedGraph_WebGpu_HasNoCopiesToTheHost(string folder)
    {
        WebGpu.Require();
        ServedGraph graph = ServedGraph.Build(ModelFolder.Read(ReferenceData.PathOf("tiny-r1", folder)), new WebGpuProvider().Profile);
        string file = Path.GetTempFileName();
        try
        {
            using GivenWeights weights = GivenWeights.Convert(graph.RetypedWeights);
            using SessionOptions options = SessionSettings.Make(graph.DataFolder, threads: 2);
            options.OptimizedModelFilePath = file;
            new WebGpuProvider().AppendTo(options);
            weights.AddTo(options);
            using InferenceSession session = OrtRuntime.CreateSession(graph.Model, options);
            ModelProto optimised = ModelProto.Parser.ParseFrom(File.ReadAllBytes(file));
            Assert.Contains(optimised.Graph.Node, n => n.OpType == "PagedAttention");
            Assert.DoesNotContain(optimised.Graph.Node, n => n.OpType.StartsWith("Memcpy", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
