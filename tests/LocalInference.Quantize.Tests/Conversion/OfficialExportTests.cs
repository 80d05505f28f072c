using LocalInference.Onnx.Graph.Proto;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Conversion;

/// <summary>What the official builder exports of the same checkpoints: node by node and tensor by tensor.</summary>
public sealed class OfficialExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("qwen2-int4-cpu", "qwen2", 4, 32, true, false)]
    [InlineData("qwen2-int8-cpu", "qwen2", 8, 32, true, false)]
    [InlineData("qwen2-fp32-cpu", "qwen2", 32, 32, true, false)]
    [InlineData("qwen2-int4-cuda", "qwen2", 4, 32, true, true)]
    [InlineData("qwen2-fp16-cuda", "qwen2", 16, 32, true, true)]
    [InlineData("llama-int4-cpu", "llama", 4, 32, true, false)]
    [InlineData("llama-mha-int4-cpu-asym-b16", "llama-mha", 4, 16, false, false)]
    [InlineData("qwen3-int4-cpu", "qwen3", 4, 32, true, false)]
    public void Convert_Checkpoint_IsTheOfficialExport(string export, string checkpoint, int bits, int block, bool isSymmetric,
        bool isForGpu)
    {
        string official = ReferenceData.PathOf("onnx", export), made = _folder.In("made");
        Conversions.Convert(ReferenceData.PathOf("checkpoints", checkpoint), made,
            Conversions.Options(Conversions.Precision(bits, block, isSymmetric, isForGpu)));
        AssertSame(official, made, hasSameRotary: checkpoint is "qwen2" or "llama");
    }

    [Fact]
    public void Convert_TinyR1_IsTheOfficialExport()
    {
        string made = _folder.In("made");
        Conversions.Convert(Repository.TinyR1Checkpoint, made,
            Conversions.Options(Conversions.Precision()));
        AssertSame(Repository.TinyR1, made, hasSameRotary: true);
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertSame(string official, string made, bool hasSameRotary)
    {
        var expected = Tensors.ReadFolder(official);
        var found = Tensors.ReadFolder(made);
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        foreach ((string name, (int type, long[] shape, byte[] bytes)) in expected)
        {
            Assert.Equal((name, type), (name, found[name].Type));
            Assert.Equal(shape, found[name].Shape);
            if (name is not ("cos_cache" or "sin_cache"))
                Assert.True(bytes.AsSpan().SequenceEqual(found[name].Bytes), name);
            else if (hasSameRotary && type == 1)
                // Another library's cosine may differ in its last bit. The exports with other scaling are the builder's mistakes.
                Assert.All(Tensors.Floats(bytes).Zip(Tensors.Floats(found[name].Bytes)), p => Assert.Equal(p.First, p.Second, 2e-6f));
        }
        Assert.Equal(Nodes(official), Nodes(made));
    }

    private static IEnumerable<string> Nodes(string folder) => Tensors.ReadGraph(folder).Node.Select(Describe).Order();

    /// <summary>All of a node but for the order of its attributes.</summary>
    private static string Describe(NodeProto node) =>
        $"{node.Domain}:{node.OpType} {node.Name} {string.Join(",", node.Input)} -> {string.Join(",", node.Output)} "
        + string.Join(" ", node.Attribute.OrderBy(a => a.Name).Select(a => a.ToString()));
}
