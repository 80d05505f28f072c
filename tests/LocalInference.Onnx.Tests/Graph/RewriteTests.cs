using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Graph;

/// <summary>Each rewrite alone, on real exported graphs.</summary>
public class RewriteTests
{
    private static readonly ModelConfig Config = ModelFolder.Read(Repository.TinyR1).Config;

    [Fact]
    public void Proto_RealGraph_RoundTripsByteForByte()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Repository.TinyR1, "model.onnx"));
        Assert.Equal(bytes, ModelProto.Parser.ParseFrom(bytes).ToByteArray());
    }

    [Fact]
    public void Attention_TinyR1_EveryLayerReadsTheStep()
    {
        DecoderGraph graph = Graphs.TinyR1();
        AttentionLayers layers = AttentionRewrite.Apply(graph, Config, ServedGraphProfile.Cpu);
        Assert.Equal(new AttentionLayers(new AttentionShape(4, 2, 64), 4), layers);
        Assert.Equal(0, graph.Count("com.microsoft:GroupQueryAttention"));
        NodeProto[] nodes = [.. graph.Proto.Node.Where(n => n.Domain == OnnxNames.OwnDomain)];
        Assert.Equal([0, 1, 2, 3], nodes.Select(n => n.Int("layer", -1)));
        Assert.All(nodes, n => Assert.Equal(
            ["cos_cache", "sin_cache", "", "", "cumulative_sequence_lengths", "past_sequence_lengths", "block_table"], n.Input.Skip(3)));
        Assert.Equal(0.125f, nodes[0].Float("scale", 0));
    }

    [Fact]
    public void PrunedHead_PrunedGraph_HeadReadsAllRows()
    {
        DecoderGraph graph = Graphs.Reference("qwen2-int4-cpu-pruned");
        Assert.True(PrunedHeadRewrite.Apply(graph));
        Assert.Equal("SkipSimplifiedLayerNormalization", graph.Producer(graph.Producer("logits")!.In(0))!.OpType);
        Assert.False(PrunedHeadRewrite.Apply(Graphs.TinyR1()));
    }

    [Fact]
    public void PrunedHead_PagedPrunedGraph_FinalNormReadsAllRows()
    {
        DecoderGraph graph = Graphs.Reference("qwen2-int4-cuda-paged-pruned");
        Assert.True(PrunedHeadRewrite.Apply(graph));
        Assert.DoesNotContain(
            graph.Proto.Node, n => n.OpType != "Gather" && n.Input.Any(
                i => graph.Producer(i) is { OpType: "Gather" } gather && gather.In(1) == OnnxNames.LogitsIndices));
    }

    [Fact]
    public void Attention_PagedGraph_ForgetsCachesAndMetadata()
    {
        DecoderGraph graph = Graphs.Reference("qwen3-int4-cuda-paged");
        ModelConfig config = ModelFolder.Read(ReferenceData.PathOf("onnx", "qwen3-int4-cuda-paged")).Config;
        Assert.Equal(new AttentionLayers(new AttentionShape(4, 2, 64), 3), AttentionRewrite.Apply(graph, config, ServedGraphProfile.Cpu));
        NodeProto node = graph.Proto.Node.First(n => n.Domain == OnnxNames.OwnDomain);
        Assert.Equal("/model/layers.0/attn/v_proj/MatMul/output_0", node.In(2));
        Assert.Equal(
            ["cos_cache", "sin_cache", "", "", "cumulative_sequence_lengths", "past_sequence_lengths", "block_table"], node.Input.Skip(3));
        Assert.Single(node.Output);
    }

    [Fact]
    public void RankReduction_PagedQkNormGraph_ReshapesRows()
    {
        DecoderGraph graph = Graphs.Reference("qwen3-int4-cuda-paged");
        Assert.Equal(12, RankReduction.Apply(graph));
        NodeProto reshape = graph.Proto.Node.First(n => n.Kind() == "Reshape");
        reshape.Input[1] = graph.AddInts("odd", 1, 2, 3);
        Assert.Contains("a shape other than [0, -1, width] and [-1, width]", Assert.Throws<ModelFolderException>(
            () => RankReduction.Apply(graph)).Message);
    }

    [Fact]
    public void RankReduction_QkNormGraph_ReshapesRows()
    {
        DecoderGraph graph = Graphs.Reference("qwen3-int4-cpu");
        Assert.Equal(12, RankReduction.Apply(graph));
        NodeProto[] reshapes = [.. graph.Proto.Node.Where(n => n.Kind() == "Reshape")];
        Assert.Equal([-1L, 64L], graph.ConstantInts(reshapes[0].In(1))!);
        Assert.Equal([-1L, 256L], graph.ConstantInts(reshapes[1].In(1))!);
        // The tied embedding's reshape is one of a weight and stays.
        Assert.Equal(0, RankReduction.Apply(Graphs.Reference("qwen2-int4-cpu")));
    }

    [Fact]
    public void RowSelection_TinyR1_GathersAttentionAndResidualAndHead()
    {
        DecoderGraph graph = Graphs.TinyR1();
        AttentionRewrite.Apply(graph, Config, ServedGraphProfile.Cpu);
        string residual = graph.Producer("/model/layers.3/post_attention_layernorm/output_0")!.In(0);
        Assert.Equal(256, RowSelection.Apply(graph));
        NodeProto[] gathers = [.. graph.Proto.Node.Where(n => n.OpType == "Gather" && n.In(1).EndsWith("_rows", StringComparison.Ordinal))];
        Assert.Equal(
            new[] { ("/model/layers.3/attn/GroupQueryAttention/output_0", "output_rows"), (residual, "output_rows"), ("hidden", "logits_rows") }.Order(),
            gathers.Select(g => (g.In(0), g.In(1))).Order());
        Assert.Equal("hidden/logits_rows/output_0", graph.Producer("logits")!.In(0));
        Assert.Single(graph.Proto.Node, n => n.Input.Contains(residual));
        AssertSorted(graph);
    }

    [Fact]
    public void AccuracyLevel_LevelsOtherThanFour_AreSet()
    {
        Assert.Equal(0, AccuracyLevelRewrite.Apply(Graphs.TinyR1(), 4));
        DecoderGraph old = Graphs.Reference("qwen2-int4-cpu-genai-0.5.2");
        Assert.Equal(16, AccuracyLevelRewrite.Apply(old, 4));
        old.Proto.Node.First(n => n.OpType == "MatMulNBits").Attribute.Clear();
        Assert.Equal(1, AccuracyLevelRewrite.Apply(old, 4));
        Assert.All(old.Proto.Node.Where(n => n.OpType == "MatMulNBits"), n => Assert.Equal(4, n.Int("accuracy_level", 0)));
    }

    [Fact]
    public void DeadNodes_AfterAttention_MaskSubgraphIsGone()
    {
        DecoderGraph graph = Graphs.TinyR1();
        AttentionLayers layers = AttentionRewrite.Apply(graph, Config, ServedGraphProfile.Cpu);
        ServedInterface.Apply(graph, ServedGraphProfile.Cpu, layers, 256, 2048);
        // "hidden" is made by the row selection, which is left out here.
        graph.Proto.Output.RemoveAt(0);
        DeadNodes.Remove(graph);
        Assert.DoesNotContain(
            graph.Proto.Node, n => n.Name.Contains("attn_mask", StringComparison.Ordinal) || n.OpType is "ReduceSum" or "Shape" or "Cast");
        Assert.Equal(4, graph.Proto.ValueInfo.Count);
        Assert.DoesNotContain(
            graph.Proto.Input, i => i.Name.StartsWith("past_key_values", StringComparison.Ordinal) || i.Name == "attention_mask");
    }

    [Theory]
    [InlineData("Softplus", "", "the operator Softplus ('odd') is none that this server runs")]
    [InlineData("Transpose", "", "tokens as what it transposes")]
    [InlineData("Gather", "axis", "the attribute axis = 1")]
    [InlineData("Sigmoid", "novel", "the attribute novel = 1")]
    public void Whitelist_OddNode_IsRefusedByName(string opType, string attribute, string expected)
    {
        DecoderGraph graph = Served(out _);
        NodeProto odd = Nodes.Make("odd", "", opType, ["hidden"], "odd_output");
        if (attribute.Length > 0)
            odd.Attribute.Add(Nodes.IntAttribute(attribute, 1));
        graph.Proto.Node.Add(odd);
        string message = Assert.Throws<ModelFolderException>(() => OperatorWhitelist.Check(graph)).Message;
        Assert.Contains(expected, message);
        Assert.Contains("model.onnx", message);
    }

    [Theory]
    [InlineData("tiny-r1")]
    [InlineData("qwen2-int4-cpu-pruned")]
    [InlineData("qwen3-int4-cpu")]
    [InlineData("qwen2-fp32-cpu-genai-0.5.2")]
    public void ServedGraph_RealFolder_HasTheServedInterface(string folder)
    {
        string path = folder == "tiny-r1" ? Repository.TinyR1 : ReferenceData.PathOf("onnx", folder);
        ServedGraph served = ServedGraph.Build(ModelFolder.Read(path));
        var graph = new DecoderGraph(path, ModelProto.Parser.ParseFrom(served.Model));
        Assert.Equal(
            ["input_ids", "cumulative_sequence_lengths", "past_sequence_lengths", "block_table", "output_rows", "logits_rows"],
            graph.Proto.Input.Select(i => i.Name));
        Assert.Equal(["hidden", "logits"], graph.Proto.Output.Select(o => o.Name));
        Assert.Equal(served.LayerCount, graph.Count("local.inference:PagedAttention"));
        AssertSorted(graph);
    }

    private static DecoderGraph Served(out ServedGraph served)
    {
        served = ServedGraph.Build(ModelFolder.Read(Repository.TinyR1));
        return new DecoderGraph("model.onnx", ModelProto.Parser.ParseFrom(served.Model));
    }

    private static void AssertSorted(DecoderGraph graph)
    {
        HashSet<string> made =
        [
            .. graph.Proto.Initializer.Select(t => t.Name), .. graph.Proto.Input.Select(i => i.Name), OnnxNames.CumulativeSequenceLengths,
            OnnxNames.PastSequenceLengths, OnnxNames.BlockTable, OnnxNames.OutputRows, OnnxNames.LogitsRows, "",
        ];
        foreach (NodeProto node in graph.Proto.Node)
        {
            Assert.All(node.Input, i => Assert.Contains(i, made));
            made.UnionWith(node.Output);
        }
    }
}
