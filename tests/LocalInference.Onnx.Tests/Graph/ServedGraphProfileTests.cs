using LocalInference.Onnx.Devices;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Graph;

/// <summary>Served graphs for GPUs, looked at without one.</summary>
public class ServedGraphProfileTests
{
    private static readonly ServedGraphProfile WebGpu = new WebGpuProvider().Profile, Cuda = new CudaProvider().Profile;

    public static readonly TheoryData<string> Folders =
    [
        "qwen2-fp32-cpu", "qwen2-int4-cpu", "qwen2-int4-cpu-pruned", "qwen3-int4-cpu", "llama-mha-int4-cpu-asym-b16", "qwen2-fp32-cpu-genai-0.5.2",
        "qwen2-fp16-cuda", "qwen2-int4-cuda", "qwen2-int4-cuda-paged-pruned", "qwen3-int4-cuda-paged",
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void WebGpu_AnyFolder_AttendsOverCachesWithoutMetadata(string folder)
    {
        DecoderGraph graph = Build(folder, WebGpu, out ServedGraph served);
        NodeProto[] attention = Attention(graph, served);
        Assert.All(attention, n => Assert.InRange(n.Input.Count, 10, 14));
        Assert.DoesNotContain(graph.Proto.Input, i => i.Name == OnnxNames.AttentionMetadata);
        AssertCaches(graph, served, blockTokens: 16);
        AssertHalf(graph, served);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Cuda_AnyFolder_AttendsOverCachesWithMetadata(string folder)
    {
        DecoderGraph graph = Build(folder, Cuda, out ServedGraph served);
        NodeProto[] attention = Attention(graph, served);
        Assert.All(attention, n => Assert.Equal(["", "", OnnxNames.AttentionMetadata], n.Input.Skip(14)));
        Assert.Contains(graph.Proto.Input, i => i.Name == OnnxNames.AttentionMetadata && i.Type.TensorType.ElemType == OnnxTypes.Int32);
        AssertCaches(graph, served, blockTokens: 256);
        AssertHalf(graph, served);
    }

    [Fact]
    public void WebGpu_Float16Folder_ConvertsNothing()
    {
        Build("qwen2-int4-cuda-paged", WebGpu, out ServedGraph served);
        Assert.Empty(served.RetypedWeights);
    }

    [Fact]
    public void Gpus_AccuracyLevel_IsTheExportersOwn()
    {
        DecoderGraph graph = Build("qwen2-int4-cuda", Cuda, out ServedGraph served);
        Assert.Equal(0, served.RelevelledProducts);
        Assert.All(graph.Proto.Node.Where(n => n.OpType == "MatMulNBits"), n => Assert.Null(n.Attribute("accuracy_level")));
    }

    [Fact]
    public void NodeFor_NormsInsideTheOperator_KeepTheirPlaces()
    {
        var plan = new AttentionPlan("a", 2, new AttentionShape(4, 2, 32), "q", "k", "v", "cos", "sin", "qn", "kn", "out", 0.5f, 1e-5f);
        NodeProto node = plan.NodeFor(WebGpu);
        Assert.Equal(
            [
                "q", "k", "v", "past_key_values.2.key", "past_key_values.2.value",
                "cumulative_sequence_lengths", "past_sequence_lengths", "block_table", "cos", "sin", "", "", "qn", "kn",
            ],
            node.Input);
        Assert.Equal((0.5f, 1e-5f), (node.Float("scale", 0), node.Float("qk_norm_epsilon", 0)));
        node = (plan with { Cos = "", Sin = "", QueryNorm = "", KeyNorm = "" }).NodeFor(Cuda);
        Assert.Equal(["", "", "", "", "", "", "", "", "attention_metadata"], node.Input.Skip(8));
        Assert.Equal((0, null), (node.Int("do_rotary", 1), node.Attribute("qk_norm_epsilon")));
    }

    private static DecoderGraph Build(string folder, ServedGraphProfile profile, out ServedGraph served)
    {
        served = ServedGraph.Build(ModelFolder.Read(ReferenceData.PathOf("onnx", folder)), profile);
        return new DecoderGraph(folder, ModelProto.Parser.ParseFrom(served.Model));
    }

    /// <summary>
    /// One node a layer, of ONNX Runtime's operator, which reads its own layer's caches and has no other output than the result.
    /// </summary>
    private static NodeProto[] Attention(DecoderGraph graph, ServedGraph served)
    {
        NodeProto[] nodes = [.. graph.Proto.Node.Where(n => n.Kind() == "com.microsoft:PagedAttention")];
        Assert.Equal(served.LayerCount, nodes.Length);
        for (int layer = 0; layer < nodes.Length; layer++)
        {
            Assert.Equal([$"past_key_values.{layer}.key", $"past_key_values.{layer}.value"], nodes[layer].Input.Skip(3).Take(2));
            Assert.Equal(["cumulative_sequence_lengths", "past_sequence_lengths", "block_table"], nodes[layer].Input.Skip(5).Take(3));
            Assert.Single(nodes[layer].Output);
            Assert.Equal((1, served.Shape.HeadCount), (nodes[layer].Int("do_rotary", 0), nodes[layer].Int("num_heads", 0)));
        }
        Assert.DoesNotContain(graph.Model.OpsetImport, o => o.Domain == OnnxNames.OwnDomain);
        return nodes;
    }

    private static void AssertCaches(DecoderGraph graph, ServedGraph served, int blockTokens)
    {
        ValueInfoProto[] caches = [.. graph.Proto.Input.Where(i => i.Name.StartsWith("past_key_values", StringComparison.Ordinal))];
        Assert.Equal(2 * served.LayerCount, caches.Length);
        Assert.All(caches, c => Assert.Equal(OnnxTypes.Float16, c.Type.TensorType.ElemType));
        Assert.All(caches, c => Assert.Equal(
            [0, blockTokens, served.Shape.KvHeadCount, served.Shape.HeadSize], c.Type.TensorType.Shape.Dim.Select(d => d.DimValue)));
        AssertRowChoice(graph);
    }

    /// <summary>What rows are wanted for is read off the same logits and hidden states, which are no outputs themselves.</summary>
    private static void AssertRowChoice(DecoderGraph graph)
    {
        Assert.Equal(
            [OnnxNames.Hidden, OnnxNames.Logits, OnnxNames.GreedyTokens, OnnxNames.TopKLogits, OnnxNames.TopKTokens],
            graph.Proto.Output.Select(o => o.Name));
        NodeProto greedy = graph.Producer(OnnxNames.GreedyTokens)!, sampled = graph.Producer(OnnxNames.Logits)!;
        NodeProto best = graph.Producer(OnnxNames.TopKTokens)!;
        Assert.Equal(("TopK", OnnxNames.TopKCount, OnnxNames.TopKLogits), (best.OpType, best.In(1), best.Output[0]));
        NodeProto candidates = graph.Producer(best.In(0))!, hidden = graph.Producer(OnnxNames.Hidden)!;
        Assert.Equal((greedy.In(0), OnnxNames.TopKRows), (candidates.In(0), candidates.In(1)));
        Assert.Equal(("Gather", OnnxNames.HiddenRows), (hidden.OpType, hidden.In(1)));
        Assert.Equal(hidden.In(0), graph.Producer(graph.Producer(greedy.In(0))!.In(0))!.In(0));
        Assert.Equal(("ArgMax", "Gather", OnnxNames.SampledRows), (greedy.OpType, sampled.OpType, sampled.In(1)));
        Assert.Equal(greedy.In(0), sampled.In(0));
        Assert.Contains(graph.Producer(greedy.In(0))!.OpType, (string[])["MatMul", "MatMulNBits"]);
        Assert.Equal(
            [OnnxNames.HiddenRows, OnnxNames.SampledRows, OnnxNames.TopKRows, OnnxNames.TopKCount],
            graph.Proto.Input.Select(i => i.Name).SkipWhile(n => n != OnnxNames.HiddenRows).Take(4));
    }

    private static void AssertHalf(DecoderGraph graph, ServedGraph served)
    {
        Assert.DoesNotContain(graph.Proto.Initializer, t => t.DataType is OnnxTypes.Float or OnnxTypes.BFloat16);
        Assert.All(graph.Proto.Output.Take(2), o => Assert.Equal(OnnxTypes.Float16, o.Type.TensorType.ElemType));
        Assert.All(served.RetypedWeights, w => Assert.Equal((OnnxTypes.Float, OnnxTypes.Float16), (w.SourceType, w.Type)));
    }
}
