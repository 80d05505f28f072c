using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Tests.Testing;

namespace LocalInference.Onnx.Tests.Graph;

public class FloatCastsTests
{
    [Fact]
    public void Remove_CastsAroundANormAndBeforeTheLogits_LeavesOnlyTheMasks()
    {
        DecoderGraph graph = Graphs.TinyR1();
        string norm = "/model/layers.0/input_layernorm/output_0";
        NodeProto product = graph.Producer(OnnxNames.Logits)!;
        product.Output[0] = "half_logits";
        graph.Proto.Node.Add(Cast("half_logits", OnnxNames.Logits, OnnxTypes.Float));
        NodeProto[] readers = [.. graph.Proto.Node.Where(n => n.Input.Contains(norm))];
        graph.InsertBehindProducer(Cast(norm, "half_norm", OnnxTypes.Float16), readers);
        int others = graph.Count("Cast") - 2;
        Assert.Equal(2, FloatCasts.Remove(graph));
        Assert.Equal(others, graph.Count("Cast"));
        Assert.Equal([OnnxNames.Logits], product.Output);
        Assert.All(readers, n => Assert.Contains(norm, n.Input));
    }

    [Fact]
    public void Remove_ChainOfCasts_IsTakenOutWhole()
    {
        DecoderGraph graph = Graphs.TinyR1();
        graph.Producer(OnnxNames.Logits)!.Output[0] = "a";
        graph.Proto.Node.Add(Cast("a", "b", OnnxTypes.Float16));
        graph.Proto.Node.Add(Cast("b", OnnxNames.Logits, OnnxTypes.Float));
        Assert.Equal(2, FloatCasts.Remove(graph));
        Assert.Equal("MatMulNBits", graph.Producer(OnnxNames.Logits)!.OpType);
    }

    [Fact]
    public void Remove_CastOfIntegers_Stays()
    {
        DecoderGraph graph = Graphs.TinyR1();
        graph.Proto.Node.Add(Cast(OnnxNames.InputIds, "numbers", OnnxTypes.Float));
        Assert.Equal(0, FloatCasts.Remove(graph));
    }

    private static NodeProto Cast(string from, string to, int type) =>
        Nodes.Make($"cast {to}", "", "Cast", [from], to, Nodes.IntAttribute("to", type));
}
