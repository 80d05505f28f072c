using LocalInference.Onnx.Graph.Proto;
using LocalInference.Quantize.Commands;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Commands;

/// <summary>What options ask for is what the graph has.</summary>
public sealed class PrecisionArgumentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Read_LayersAndRanges_GiveEachItsBits() =>
        Assert.Equal(
            [(0, 8), (1, 8), (2, 4), (5, 32), (7, 8)],
            LayerBits.Read(["0-2,7=8", "2=4", "5=32"]).OrderBy(l => l.Key).Select(l => (l.Key, l.Value)));

    [Theory]
    [InlineData("")]
    [InlineData("=8")]
    [InlineData("3")]
    [InlineData("3=")]
    [InlineData("3=5")]
    [InlineData("3=8=8")]
    [InlineData("3-1=8")]
    [InlineData("1-2-3=8")]
    [InlineData("-1=8")]
    [InlineData("1,=8")]
    [InlineData("a=8")]
    [InlineData("1=eight")]
    [InlineData("0-2147483647=8")]
    [InlineData("99999999999=8")]
    public void Read_LayersThatCannotBe_AreRefusedWithAnExample(string value) =>
        Assert.Contains($"--layer-bits is '{value}'; allowed: ", Assert.Throws<QuantizeException>(() => LayerBits.Read([value])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Convert_LayerThatTheModelHasNot_IsRefused() =>
        AssertRefused("names layer 3; this model has 3 layers, from 0 to 2", "--layer-bits", "0-3=8");

    [Theory]
    [InlineData("--method", "awq", "Use --method gptq")]
    [InlineData("--method", "magic", "allowed: rtn, mse, gptq")]
    [InlineData("--bits", "5", "'4'")]
    [InlineData("--block", "48", "'32'")]
    [InlineData("--head-bits", "7", "allowed: 4, 8, 16, 32")]
    [InlineData("--embedding", "int2", "'int4'")]
    [InlineData("--attn-factor", "divide", "'multiply'")]
    [InlineData("--for", "tpu", "'gpu'")]
    public void Convert_ValueThatIsNotAllowed_NamesTheAllowed(string option, string value, string part) =>
        AssertRefused(part, option, value);

    [Theory]
    [InlineData("--bits 16 --activations fp32", "Use --bits 32, or --activations fp16")]
    [InlineData("--bits 32 --activations fp16", "Use --bits 16, or --activations fp32")]
    [InlineData("--head-bits 16", "Use --head-bits 32, or --activations fp16")]
    [InlineData("--layer-bits 1=16", "Use --layer-bits 32, or --activations fp16")]
    [InlineData("--for gpu --head-bits 32", "Use --head-bits 16, or --activations fp32")]
    public void Convert_FloatsOfTwoTypes_AreRefusedWithWhatToUse(string options, string part) => AssertRefused(part, options.Split(' '));

    [Theory]
    [InlineData("", "q4 b32 level4 -> float")]
    [InlineData("--bits 8 --block 64", "q8 b64 level4 -> float")]
    [InlineData("--asymmetric --block 16", "q4 b16 level4 zeros -> float")]
    [InlineData("--for gpu", "q4 b32 -> half")]
    [InlineData("--for gpu --activations fp32", "q4 b32 -> float")]
    [InlineData("--activations fp16", "q4 b32 level4 -> half")]
    [InlineData("--bits 16", "MatMul -> half")]
    [InlineData("--bits 32", "MatMul -> float")]
    [InlineData("--bits 32 --for gpu", "MatMul -> float")]
    public void Convert_Options_AreWhatTheGraphHas(string options, string expected)
    {
        Assert.Equal(expected, Describe(Made(options), "/model/layers.1/attn/o_proj/"));
    }

    [Fact]
    public void Convert_HeadLayersAndEmbeddingApart_EachHasItsOwn()
    {
        GraphProto graph = Made("--head-bits 8 --layer-bits 0,2=8 --embedding int8");
        Assert.Equal("q8 b32 level4 -> float", Describe(graph, "/model/layers.0/attn/o_proj/"));
        Assert.Equal("q4 b32 level4 -> float", Describe(graph, "/model/layers.1/attn/o_proj/"));
        Assert.Equal("q8 b32 level4 -> float", Describe(graph, "/model/layers.2/mlp/down_proj/"));
        Assert.Equal("q8 b32 level4 -> float", Describe(graph, "/lm_head/"));
        Assert.Equal(8, Int(graph.Node.Single(n => n.OpType == "GatherBlockQuantized"), "bits"));
    }

    public void Dispose() => _folder.Dispose();

    private void AssertRefused(string part, params string[] options)
    {
        Cli run = Cli.Run(["--random", "tiny-llama", _folder.In("out"), .. options]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private GraphProto Made(string options)
    {
        Cli.Run(["--random", "tiny-llama", _folder.In("out"), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Succeeded();
        return Tensors.ReadGraph(_folder.In("out"));
    }

    private static string Describe(GraphProto graph, string path)
    {
        NodeProto product = graph.Node.Single(n => n.Name.StartsWith(path, StringComparison.Ordinal)
            && n.OpType.StartsWith("MatMul", StringComparison.Ordinal));
        string type = graph.Output.Single(o => o.Name == "logits").Type.TensorType.ElemType == 10 ? "half" : "float";
        if (product.OpType == "MatMul")
            return $"MatMul -> {type}";
        string level = product.Attribute.Any(a => a.Name == "accuracy_level") ? $" level{Int(product, "accuracy_level")}" : "";
        return $"q{Int(product, "bits")} b{Int(product, "block_size")}{level}{(product.Input.Count > 3 ? " zeros" : "")} -> {type}";
    }

    private static long Int(NodeProto node, string name) => node.Attribute.Single(a => a.Name == name).I;
}
