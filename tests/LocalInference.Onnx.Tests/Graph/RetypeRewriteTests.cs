using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Graph;

public class RetypeRewriteTests
{
    [Fact]
    public void ServedGraph_Float16Folder_DeclaresEveryWeightAsFloat32()
    {
        ServedGraph served = Build("qwen2-int4-cuda");
        TensorProto[] weights = [.. Parse(served).Initializer];
        Assert.DoesNotContain(weights, t => t.DataType is OnnxTypes.Float16 or OnnxTypes.BFloat16);
        Assert.Equal(weights.Where(t => t.DataType == OnnxTypes.Float).Select(t => t.Name).Order(), served.RetypedWeights.Select(
            w => w.Name).Order());
        // The weights in 4 bits stay where they are.
        Assert.All(weights.Where(t => t.DataType == 2), t => Assert.Equal("model.onnx.data", t.ExternalEntry("location")!.Value));
        Assert.All(served.RetypedWeights, w => Assert.Equal(2 * w.SourceBytes, w.Bytes));
    }

    [Fact]
    public void ServedGraph_Float32Folder_ConvertsNothing() => Assert.Empty(Build("qwen2-int4-cpu").RetypedWeights);

    [Theory]
    [InlineData(OnnxTypes.Float16, new byte[] { 0x00, 0x3C, 0x00, 0xC0 })]
    [InlineData(OnnxTypes.BFloat16, new byte[] { 0x80, 0x3F, 0x00, 0xC0 })]
    public void Apply_InlineConstant_IsConvertedInPlace(int type, byte[] data)
    {
        var raw = new TensorProto { DataType = type, RawData = ByteString.CopyFrom(data) };
        var typed = new TensorProto { DataType = type };
        typed.Int32Data.Add([BitConverter.ToUInt16(data), BitConverter.ToUInt16(data, 2)]);
        foreach (TensorProto value in (TensorProto[])[raw, typed])
        {
            var graph = new GraphProto();
            NodeProto constant = Nodes.Make("c", "", "Constant", [], "c");
            constant.Attribute.Add(new AttributeProto { Name = "value", T = value, Type = AttributeProto.Types.AttributeType.Tensor });
            graph.Node.Add(constant);
            Assert.Empty(RetypeRewrite.Apply(new DecoderGraph("model.onnx", new ModelProto { Graph = graph }), OnnxTypes.Float, ""));
            Assert.Equal((OnnxTypes.Float, 1f, -2f), (value.DataType, BitConverter.ToSingle(value.RawData.Span), BitConverter.ToSingle(
                value.RawData.Span[4..])));
            Assert.Empty(value.Int32Data);
        }
    }

    [Fact]
    public void Apply_InlineWeight_TravelsWithThePlan()
    {
        var tensor = new TensorProto { Name = "w", DataType = OnnxTypes.Float };
        tensor.Dims.Add(2);
        tensor.FloatData.Add([1f, 2f]);
        RetypedWeight weight = Assert.Single(Apply(tensor));
        Assert.Equal((null, 8, 4L), (weight.File, weight.Data.Length, weight.Bytes));
        Assert.Empty(tensor.FloatData);
        Assert.Equal(TensorProto.Types.DataLocation.External, tensor.DataLocation);
    }

    [Theory]
    [InlineData(true, "the tensor 'w' has 6 bytes in its data file where its shape takes 8")]
    [InlineData(false, "the tensor 'w' has 6 bytes where its shape takes 8")]
    public void Apply_DataThatDoesNotFitTheShape_IsRefused(bool isExternal, string expected)
    {
        var tensor = new TensorProto { Name = "w", DataType = OnnxTypes.Float };
        tensor.Dims.Add(2);
        if (isExternal)
        {
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "model.onnx.data" });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = "6" });
        }
        else
            tensor.RawData = ByteString.CopyFrom(new byte[6]);
        Assert.Contains(expected, Assert.Throws<ModelFolderException>(() => Apply(tensor)).Message);
    }

    private static IReadOnlyList<RetypedWeight> Apply(TensorProto tensor)
    {
        var graph = new GraphProto();
        graph.Initializer.Add(tensor);
        return RetypeRewrite.Apply(new DecoderGraph("model.onnx", new ModelProto { Graph = graph }), OnnxTypes.Float16, "");
    }

    private static ServedGraph Build(string folder) => ServedGraph.Build(ModelFolder.Read(ReferenceData.PathOf("onnx", folder)));

    private static GraphProto Parse(ServedGraph served) => ModelProto.Parser.ParseFrom(served.Model).Graph;
}
