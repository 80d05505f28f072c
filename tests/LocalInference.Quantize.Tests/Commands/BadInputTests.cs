using System.Text;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Commands;

/// <summary>
/// Each way a checkpoint can be broken ends with exit code 1, a message that names file, tensor, found and expected, and no folder.
/// </summary>
public sealed class BadInputTests : IDisposable
{
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();
    private readonly string _checkpoint;

    public BadInputTests()
    {
        _checkpoint = _folder.In("checkpoint");
        Cli.Run("--random", "tiny-llama", _checkpoint, "--checkpoint").Succeeded();
    }

    [Fact]
    public void Convert_MissingShard_IsNamed()
    {
        File.Delete(In(Second));
        AssertRefused(In(Second), "the shard is missing", "for tensor 'model.");
    }

    [Fact]
    public void Convert_TruncatedShard_IsNamedWithTensorAndLengths()
    {
        using (FileStream shard = File.OpenWrite(In(Second)))
            shard.SetLength(shard.Length - 1000);
        AssertRefused(In(Second), "tensor 'lm_head.weight' ends at byte", "but the file has only");
    }

    [Fact]
    public void Convert_ShardThatIsAPointer_IsNamed()
    {
        File.WriteAllText(In(First), "version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 12345\n");
        AssertRefused(In(First), "Git LFS pointer");
    }

    [Fact]
    public void Convert_UnknownArchitecture_ListsTheKnown()
    {
        Edit("\"LlamaForCausalLM\"", "\"DeepseekV3ForCausalLM\"");
        AssertRefused(In("config.json"), "[\"DeepseekV3ForCausalLM\"]", "LlamaForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM");
    }

    [Fact]
    public void Convert_ShapeAgainstTheConfig_NamesTensorFoundAndExpected()
    {
        Edit("\"intermediate_size\": 768", "\"intermediate_size\": 700");
        AssertRefused(In(First),
            "tensor 'model.layers.0.mlp.gate_proj.weight' has the shape [768, 256]; expected: [700, 256], as config.json says");
    }

    [Fact]
    public void Convert_MissingTensor_NamesItAndTheExpectedShape()
    {
        Edit("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 4");
        AssertRefused(_checkpoint, "tensor 'model.layers.3.input_layernorm.weight' is missing; expected: shape [256]");
    }

    [Theory]
    [InlineData(0x7FC0, "NaN", "rtn")]
    [InlineData(0x7FC0, "NaN", "gptq")]
    [InlineData(0x7F80, "Infinity", "rtn")]
    [InlineData(0xFF80, "-Infinity", "mse")]
    public void Convert_WeightThatIsNoNumber_NamesFileTensorAndPlace(int bits, string name, string method)
    {
        Overwrite("model.layers.0.mlp.up_proj.weight", (256 * 5) + 7, bits);
        AssertRefused(["--method", method], In(First), "tensor 'model.layers.0.mlp.up_proj.weight' holds", name,
            "at row 5, column 7; expected: finite numbers");
    }

    [Fact]
    public void Convert_UnreadableType_IsNamedBeforeAnythingIsWritten()
    {
        ReplaceInHeader(First, "\"dtype\":\"BF16\"", "\"dtype\":\"I16\" ");
        AssertRefused(In(First), "is I16; known: F32, F16, BF16");
    }

    [Fact]
    public void Convert_BrokenConfig_IsNamed()
    {
        File.WriteAllText(In("config.json"), "{");
        AssertRefused(In("config.json"), "no valid JSON");
    }

    [Fact]
    public void Convert_ConfigThatSaysAKeyTwice_IsNamed()
    {
        Edit("\"hidden_size\": 256", "\"hidden_size\": 256, \"hidden_size\": 512");
        AssertRefused(In("config.json"), "hidden_size");
    }

    [Fact]
    public void Convert_NoTokenizer_IsNamed()
    {
        File.Delete(In("tokenizer.json"));
        AssertRefused(In("tokenizer.json"), "the file is missing");
    }

    [Fact]
    public void Convert_NoFolder_IsNamed()
    {
        Directory.Delete(_checkpoint, recursive: true);
        AssertRefused(_checkpoint, "the checkpoint folder does not exist");
    }

    [Fact]
    public void Convert_WeightTooLargeForFp16_NamesItAndWhatToDo()
    {
        Overwrite("model.layers.0.mlp.up_proj.weight", 0, 0x7F00);
        AssertRefused(["--bits", "16", "--for", "gpu"], In(First), "tensor 'model.layers.0.mlp.up_proj.weight' holds 1.7", "65504",
            "--bits 32");
        AssertRefused(["--for", "gpu"], In(First), "tensor 'model.layers.0.mlp.up_proj.weight' holds 1.7", "65504", "--activations fp32");
    }

    public void Dispose() => _folder.Dispose();

    private string In(string file) => Path.Combine(_checkpoint, file);

    private void AssertRefused(params string[] parts) => AssertRefused([], parts);

    private void AssertRefused(string[] options, params string[] parts)
    {
        Cli run = Cli.Run([_checkpoint, _folder.In("out"), "--report-tokens", "0", .. options]);
        Assert.Equal(1, run.ExitCode);
        Assert.All(parts, part => Assert.Contains(part, run.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path), e => e != _checkpoint);
    }

    private void Edit(string from, string to)
    {
        string text = File.ReadAllText(In("config.json"));
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(In("config.json"), text.Replace(from, to, StringComparison.Ordinal));
    }

    /// <summary>Puts other bits into one element of a bf16 tensor of the first shard.</summary>
    private void Overwrite(string tensor, int element, int bits)
    {
        byte[] file = File.ReadAllBytes(In(First));
        int headerLength = BitConverter.ToInt32(file);
        var header = System.Text.Json.Nodes.JsonNode.Parse(file.AsSpan(8, headerLength))!;
        int at = 8 + headerLength + header[tensor]!["data_offsets"]![0]!.GetValue<int>() + (element * 2);
        BitConverter.TryWriteBytes(file.AsSpan(at), (ushort)bits);
        File.WriteAllBytes(In(First), file);
    }

    private void ReplaceInHeader(string shard, string from, string to)
    {
        byte[] file = File.ReadAllBytes(In(shard));
        int length = BitConverter.ToInt32(file), at = file.AsSpan(8, length).IndexOf(Encoding.UTF8.GetBytes(from));
        Encoding.UTF8.GetBytes(to).CopyTo(file, 8 + at);
        File.WriteAllBytes(In(shard), file);
    }
}
