using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Graph;

public class TensorWidthsTests
{
    [Theory]
    [InlineData("qwen2-int4-cpu", "logits", 512)]
    [InlineData("qwen2-int4-cpu", "/model/embed_tokens/GatherBlockQuantized/output_0", 128)]
    [InlineData("qwen2-int4-cpu", "/model/layers.0/attn/qkv_proj/Add/output_0", 256)]
    [InlineData("qwen2-fp32-cpu", "/model/embed_tokens/Gather/output_0", 128)]
    [InlineData("qwen2-fp32-cpu", "logits", 512)]
    [InlineData("qwen3-int4-cpu", "/model/layers.0/attn/qkv_proj/Split/output_2", 128)]
    [InlineData("qwen3-int4-cpu", "/model/layers.0/attn/q_norm/Reshape_2/output_0", 256)]
    [InlineData("qwen2-untied-int4-cpu-kquant-mixed", "logits", 520)]
    public void WidthOf_RealGraphs_FollowsTheProducer(string folder, string tensor, int expected) =>
        Assert.Equal(expected, Graphs.Reference(folder).WidthOf(tensor));

    [Fact]
    public void WidthOf_GraphInputOrUnknownOperator_IsNotKnown()
    {
        DecoderGraph graph = Graphs.TinyR1();
        Assert.Null(graph.WidthOf("input_ids"));
        graph.Proto.Node.Add(Nodes.Make("odd", "", "Softplus", ["logits"], "odd"));
        Assert.Null(graph.WidthOf("odd"));
    }

    [Fact]
    public void ConstantInts_RawOrTypedOrExternal_AreToldApart()
    {
        DecoderGraph graph = Graphs.TinyR1();
        Assert.Equal([1L, -7L], graph.ConstantInts(graph.AddInts("typed", 1, -7))!);
        NodeProto constant = graph.Proto.Node.First(n => n.OpType == "Constant");
        Assert.NotEmpty(graph.ConstantInts(constant.Output[0])!);
        Assert.Null(graph.ConstantInts("cos_cache"));
        Assert.Null(graph.ConstantInts("nowhere"));
    }
}
