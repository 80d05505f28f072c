using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Fusion;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Onnx.Weights;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Graph.Fusion;

/// <summary>What becomes of the products of real exported graphs.</summary>
public class PackedGraphTests
{
    [Fact]
    public void Apply_TinyR1_EverythingIsFused()
    {
        DecoderGraph graph = Packed(Repository.TinyR1, out IReadOnlyList<WeightPlan> plans);
        // Four layers of qkv, output, gate and up, down; the head, which the embedding shares.
        Assert.Equal(17, plans.Count);
        Assert.Equal(
            (13, 4, 1), (Own(graph, OnnxNames.QuantizedMatMul), Own(graph, OnnxNames.QuantizedGateUp), Own(graph, OnnxNames.PackedGather)));
        string[] fused = ["MatMulNBits", "SkipSimplifiedLayerNormalization", "GatherBlockQuantized"];
        foreach (string gone in (string[])[.. fused.Select(f => $"com.microsoft:{f}"), "Mul", "Sigmoid", "Add"])
            Assert.Equal(0, graph.Count(gone));
        // The final norm alone stays by itself: its result is an output.
        Assert.Equal(["hidden"], graph.Proto.Node.Where(n => n.OpType == "SimplifiedLayerNormalization").Select(n => n.Output[0]));
        NodeProto[] quantize = [.. graph.Proto.Node.Where(n => n.OpType == OnnxNames.QuantizeRows)];
        Assert.Equal((8, 5), (quantize.Count(n => n.Int("norm", 0) == 1), quantize.Count(n => n.Int("norm", 0) == 0)));
        Assert.Equal(4, plans.Count(p => p.First.Bias is not null));
        Assert.DoesNotContain(graph.Proto.Initializer, t => t.Name.Contains("MatMul.weight", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("qwen2-int4-cpu")]
    [InlineData("qwen2-int8-cpu")]
    [InlineData("llama-int4-cpu")]
    [InlineData("llama-mha-int4-cpu-asym-b16")]
    [InlineData("qwen3-int4-cpu")]
    [InlineData("qwen2-untied-int4-cpu-kquant-mixed")]
    public void Apply_RealFolder_NodesStaySortedAndNameTheirWeights(string folder)
    {
        DecoderGraph graph = Packed(ReferenceData.PathOf("onnx", folder), out IReadOnlyList<WeightPlan> plans);
        Assert.Equal(0, graph.Count("com.microsoft:MatMulNBits"));
        HashSet<string> made = [.. graph.Proto.Initializer.Select(t => t.Name), .. graph.Proto.Input.Select(i => i.Name), ""];
        var named = new HashSet<long>();
        foreach (NodeProto node in graph.Proto.Node)
        {
            Assert.All(node.Input, i => Assert.Contains(i, made));
            made.UnionWith(node.Output);
            if (node.Domain == OnnxNames.OwnDomain && node.Attribute("weight") is { } weight)
                named.Add(weight.I);
        }
        Assert.Equal(Enumerable.Range(0, plans.Count).Select(i => (long)i), named.Order());
    }

    [Fact]
    public void Apply_FormatsOfOneInputDiffer_EachIsQuantisedForItself()
    {
        DecoderGraph graph = Packed(
            ReferenceData.PathOf("onnx", "qwen2-untied-int4-cpu-kquant-mixed"), out IReadOnlyList<WeightPlan> plans);
        Assert.Contains(plans, p => p.First.Bits == 8);
        foreach (NodeProto product in graph.Proto.Node.Where(n => n.OpType is OnnxNames.QuantizedMatMul or OnnxNames.QuantizedGateUp))
        {
            ActivationFormat wanted = plans[(int)product.Int("weight", -1)].First.Activations;
            NodeProto maker = graph.Producer(product.In(0))!;
            Assert.Equal(wanted, new ActivationFormat((int)maker.Int("block_size", 0), (int)maker.Int("zero_point", 0)));
        }
    }

    [Theory]
    [InlineData("Sigmoid", "Tanh")]
    [InlineData("Mul", "Sub")]
    public void GateUp_OtherActivation_StaysUnfused(string from, string to)
    {
        DecoderGraph graph = Graphs.TinyR1();
        foreach (NodeProto node in graph.Proto.Node.Where(n => n.OpType == from))
            node.OpType = to;
        PackedGraph.Apply(graph, Repository.TinyR1);
        Assert.Equal(0, Own(graph, OnnxNames.QuantizedGateUp));
        Assert.True(Own(graph, OnnxNames.QuantizedMatMul) > 13);
        Assert.Equal(0, graph.Count("com.microsoft:MatMulNBits"));
    }

    [Theory]
    [InlineData("bits", 2)]
    [InlineData("block_size", 8)]
    public void Product_OfAnotherKind_StaysWithOnnxRuntime(string attribute, int value)
    {
        DecoderGraph graph = Graphs.TinyR1();
        graph.Proto.Node.First(n => n.OpType == "MatMulNBits").Attribute(attribute)!.I = value;
        PackedGraph.Apply(graph, Repository.TinyR1);
        Assert.Equal(1, graph.Count("com.microsoft:MatMulNBits"));
    }

    [Fact]
    public void Product_WhoseDataAreNotAsLongAsItsShape_StaysWithOnnxRuntime()
    {
        DecoderGraph graph = Graphs.TinyR1();
        string codes = graph.Proto.Node.First(n => n.OpType == "MatMulNBits").Input[1];
        graph.Initializer(codes)!.ExternalEntry("length")!.Value = "1";
        PackedGraph.Apply(graph, Repository.TinyR1);
        Assert.Equal(1, graph.Count("com.microsoft:MatMulNBits"));
    }

    private static DecoderGraph Packed(string folder, out IReadOnlyList<WeightPlan> plans)
    {
        ServedGraph served = ServedGraph.Build(ModelFolder.Read(folder), pack: (graph, data) => PackedGraph.Apply(graph, data));
        plans = served.Weights;
        return new DecoderGraph(folder, ModelProto.Parser.ParseFrom(served.Model));
    }

    private static int Own(DecoderGraph graph, string opType) => graph.Count($"{OnnxNames.OwnDomain}:{opType}");
}
