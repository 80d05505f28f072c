using System.Text.Json.Nodes;
using Google.Protobuf;
using LocalInference.Onnx.Graph;
using LocalInference.Onnx.Graph.Proto;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Graph;

/// <summary>Folders that must not be served: each says what it is and what to do.</summary>
public class ServedGraphRefusalTests
{
    [Theory]
    [InlineData("vocab_size", "model.vocab_size is 3000; allowed: 2048, as in the graph 'model.onnx'")]
    [InlineData("decoder.hidden_size", "model.decoder.hidden_size is 3000; allowed: 256")]
    [InlineData("decoder.num_hidden_layers", "model.decoder.num_hidden_layers is 3000; allowed: 4")]
    [InlineData("decoder.num_attention_heads", "model.decoder.num_attention_heads is 3000; allowed: 4")]
    [InlineData("decoder.num_key_value_heads", "model.decoder.num_key_value_heads is 3000; allowed: 2")]
    [InlineData("decoder.head_size", "model.decoder.head_size is 3000, but the graph's query")]
    [InlineData("context_length", "model.context_length is 5000, but the graph's rotary cache 'cos_cache' holds only 4096 positions", 5000)]
    public void Build_ConfigAgainstGraph_NamesKeyFoundAndGraph(string key, string expected, int value = 3000)
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyOf(Repository.TinyR1);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path, "genai_config.json")))!;
        JsonNode owner = key.StartsWith("decoder.", StringComparison.Ordinal) ? json["model"]!["decoder"]! : json["model"]!;
        owner[key[(key.IndexOf('.') + 1)..]] = value;
        folder.Write("genai_config.json", json.ToJsonString());
        Assert.Contains(expected, Refusal(folder.Path));
    }

    [Theory]
    [InlineData(9, "position_ids")]
    [InlineData(10, "attention_bias")]
    [InlineData(12, "k_scale")]
    public void Build_UnsupportedAttentionInput_IsNamed(int index, string expected) => Assert.Contains(
        $"uses the input {expected}",
        Refusal(node =>
        {
            while (node.Input.Count <= index)
                node.Input.Add("");
            node.Input[index] = "cos_cache";
        }));

    [Fact]
    public void Build_PositionsFedAsTheGraphsOwnInput_AreTheKernels()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyOf(Repository.TinyR1);
        DecoderGraph graph = Graphs.TinyR1();
        graph.Proto.Input.Add(Nodes.Value("position_ids", OnnxTypes.Int64, "batch", "sequence"));
        foreach (NodeProto node in graph.Proto.Node.Where(n => n.OpType == "GroupQueryAttention"))
            node.Input[9] = "position_ids";
        File.WriteAllBytes(Path.Combine(folder.Path, "model.onnx"), graph.Model.ToByteArray());
        Assert.Equal(ServedGraph.Build(ModelFolder.Read(Repository.TinyR1)).Model, ServedGraph.Build(ModelFolder.Read(folder.Path)).Model);
    }

    [Theory]
    [InlineData(10, "slot_mapping")]
    [InlineData(11, "head_sink")]
    [InlineData(14, "k_scale")]
    public void Build_UnsupportedPagedAttentionInput_IsNamed(int index, string expected)
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyOf(ReferenceData.PathOf("onnx", "qwen2-int4-cuda-paged"));
        DecoderGraph graph = Graphs.Reference("qwen2-int4-cuda-paged");
        graph.Proto.Node.First(n => n.OpType == "PagedAttention").Input[index] = "cos_cache";
        File.WriteAllBytes(Path.Combine(folder.Path, "model.onnx"), graph.Model.ToByteArray());
        Assert.Contains(
            $"com.microsoft:PagedAttention '/model/layers.0/attn/PagedAttention' uses the input {expected}", Refusal(folder.Path));
    }

    [Theory]
    [InlineData("smooth_softmax", 1, "the attribute smooth_softmax = 1")]
    [InlineData("kv_cache_bit_width", 8, "the attribute kv_cache_bit_width = 8")]
    [InlineData("from_the_future", 3, "the attribute from_the_future = 3")]
    public void Build_UnsupportedAttentionAttribute_IsNamed(string name, int value, string expected) =>
        Assert.Contains(expected, Refusal(node => node.Attribute.Add(Nodes.IntAttribute(name, value))));

    [Fact]
    public void Build_OtherAttentionOperator_IsNamed()
    {
        string message = Refusal(node => node.OpType = "MultiHeadAttention", all: true);
        Assert.Contains(
            "no com.microsoft:GroupQueryAttention or com.microsoft:PagedAttention (found: com.microsoft:MultiHeadAttention)", message);
    }

    [Fact]
    public void Build_BrokenFiles_SayWhatIsWrong()
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyOf(Repository.TinyR1);
        string data = Path.Combine(folder.Path, "model.onnx.data");
        File.WriteAllBytes(data, File.ReadAllBytes(data)[..1000]);
        Assert.Contains("the file has 1000 bytes, but the tensor", Refusal(folder.Path));
        File.Delete(data);
        Assert.Contains("model.onnx.data: the file is missing", Refusal(folder.Path));
        folder.Write("model.onnx", "version https://git-lfs.github.com/spec/v1");
        Assert.Contains("the file is no ONNX model", Refusal(folder.Path));
        folder.Write("model.onnx", "");
        Assert.Contains("the file holds no graph", Refusal(folder.Path));
    }

    /// <summary>Such a graph was followed in a circle until the stack ended, and the process with it.</summary>
    [Fact]
    public void Build_NodesInACircle_AreRefused()
    {
        string message = Refusal(graph =>
        {
            NodeProto sum = graph.Proto.Node.First(n => n.OpType == "Add");
            sum.Input[0] = sum.Output[0];
        });
        Assert.Contains("reads '/model/layers.0/attn/qkv_proj/Add/output_0' before it is made. Download or export it again.", message);
    }

    /// <summary>Kernels trust the numbers in this server's own nodes; a file's are anybody's.</summary>
    [Fact]
    public void Build_ThisServersOwnNodes_AreRefused() => Assert.Contains(
        "local.inference:PagedAttention 'forged' uses the domain local.inference, whose nodes are made at load",
        Refusal(graph => graph.Proto.Node.Add(Nodes.Make(
            "forged", OnnxNames.OwnDomain, OnnxNames.PagedAttention, ["logits"], "forged", Nodes.IntAttribute("layer", -5)))));

    [Fact]
    public void Build_AttentionOfAnotherDomain_IsNoneOfOurs()
    {
        string message = Refusal(graph =>
        {
            NodeProto product = graph.Producer("logits")!;
            product.Output[0] = "before";
            graph.Proto.Node.Add(Nodes.Make("foreign", "elsewhere", OnnxNames.PagedAttention, ["before"], "after"));
            graph.Proto.Node.Add(Nodes.Make("sum", "", "Add", ["before", "after"], "logits"));
        });
        Assert.Contains("the operator elsewhere:PagedAttention ('foreign') is none that this server runs", message);
    }

    private static string Refusal(string folder) =>
        Assert.Throws<ModelFolderException>(() => ServedGraph.Build(ModelFolder.Read(folder))).Message;

    /// <summary>The refusal of tiny-r1 with its second layer's attention changed.</summary>
    private static string Refusal(Action<NodeProto> change, bool all = false) => Refusal(graph =>
    {
        foreach (NodeProto node in graph.Proto.Node.Where(n => n.OpType == "GroupQueryAttention").Skip(all ? 0 : 1).ToArray())
            change(node);
    });

    private static string Refusal(Action<DecoderGraph> change)
    {
        using TemporaryFolder folder = new TemporaryFolder().CopyOf(Repository.TinyR1);
        DecoderGraph graph = Graphs.TinyR1();
        change(graph);
        File.WriteAllBytes(Path.Combine(folder.Path, "model.onnx"), graph.Model.ToByteArray());
        return Refusal(folder.Path);
    }
}
