using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Checkpoints;

/// <summary>Shards and their index.</summary>
public sealed class CheckpointTests : IDisposable
{
    private const string Index = "model.safetensors.index.json";
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Open_Shards_FindsEachTensorInItsOwn()
    {
        WriteShards();
        using Checkpoint checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal(["a", "b"], checkpoint.Names.Order());
        Assert.Equal(2, Value(checkpoint, "b"));
        Assert.Equal($"{_folder.In(Second)}: tensor 'b'", checkpoint.Locate("b"));
        Assert.Null(checkpoint.ShapeOf("c"));
    }

    [Fact]
    public void Open_TensorThatTheIndexForgot_IsThere()
    {
        WriteShards("""{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}""",
            ("forgotten", 3));
        using Checkpoint checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal(3, Value(checkpoint, "forgotten"));
    }

    [Fact]
    public void Open_TensorInTwoShards_NamesBoth()
    {
        WriteShards(extra: ("a", 9));
        string message = Fault();
        Assert.Contains("tensor 'a' lies in two files", message, StringComparison.Ordinal);
        Assert.Contains(_folder.In(First), message, StringComparison.Ordinal);
        Assert.Contains(_folder.In(Second), message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ShardThatIsNotThere_NamesItAndATensor()
    {
        WriteShards();
        File.Delete(_folder.In(Second));
        Assert.Contains($"{_folder.In(Second)}: the shard is missing, though {Index} names it for tensor 'b'", Fault(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ShardThatBrokeOff_NamesItAndTheTensor()
    {
        WriteShards();
        byte[] whole = File.ReadAllBytes(_folder.In(Second));
        File.WriteAllBytes(_folder.In(Second), whole[..^1]);
        Assert.Contains($"{_folder.In(Second)}: tensor 'b' ends at byte {whole.Length}, but the file has only {whole.Length - 1} bytes",
            Fault(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map": {"a": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}}""",
        "tensor 'c' is missing, though")]
    [InlineData("""{"weight_map": {"a": "../model-00001-of-00002.safetensors"}}""", "a file name without folders")]
    [InlineData("""{"weight_map": {"a": "/etc/passwd"}}""", "a file name without folders")]
    [InlineData("""{"weight_map": {"a": "sub/model.safetensors"}}""", "a file name without folders")]
    [InlineData("""{"weight_map": {"a": "sub\\model.safetensors"}}""", "a file name without folders")]
    [InlineData("""{"weight_map": {"a": ".."}}""", "a file name without folders")]
    [InlineData("""{"weight_map": {"a": ""}}""", "a file name without folders")]
    [InlineData("""{"weight_map": {"a": null}}""", "a file name without folders")]
    [InlineData("""{"weight_map": {"a": 3}}""", "expected: an object weight_map")]
    [InlineData("""{"weight_map": {"a": "model-00001-of-00002.safetensors", "a": "model-00002-of-00002.safetensors"}}""",
        "expected: an object weight_map")]
    [InlineData("""{"weight_map": {}}""", "names no tensor")]
    [InlineData("""{"weight_map": []}""", "expected: an object weight_map")]
    [InlineData("[]", "expected: an object weight_map")]
    [InlineData("{}", "expected: an object weight_map")]
    [InlineData("{", "expected: an object weight_map")]
    [InlineData("", "expected: an object weight_map")]
    public void Open_IndexThatCannotBe_IsRefusedByItsFile(string index, string message)
    {
        WriteShards(index);
        string found = Fault();
        Assert.StartsWith(_folder.Path, found, StringComparison.Ordinal);
        Assert.Contains(message, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoWeights_SaysWhatIsWantedAndWhatIsThere()
    {
        File.WriteAllText(_folder.In("pytorch_model.bin"), "");
        Assert.Contains("neither model.safetensors nor model.safetensors.index.json (it holds PyTorch weights)", Fault(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OneFile_NeedsNoIndex()
    {
        Tensors.WriteSafetensors(_folder.In("model.safetensors"), ("a", "F32", [1], Tensors.Bytes(5)));
        using Checkpoint checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal(5, Value(checkpoint, "a"));
    }

    public void Dispose() => _folder.Dispose();

    private string Fault() => Assert.Throws<QuantizeException>(() => Checkpoint.Open(_folder.Path)).Message;

    private static float Value(Checkpoint checkpoint, string name)
    {
        float[] value = new float[1];
        checkpoint.Read(name, new MatrixBlock(0, 1, 0, 1), value);
        return value[0];
    }

    /// <summary>Tensor a in the first shard, b and perhaps another in the second.</summary>
    private void WriteShards(string? index = null, (string Name, float Value)? extra = null)
    {
        Tensors.WriteSafetensors(_folder.In(First), ("a", "F32", [1], Tensors.Bytes(1)));
        (string, string, long[], byte[]) b = ("b", "F32", [1], Tensors.Bytes(2));
        if (extra is { } more)
            Tensors.WriteSafetensors(_folder.In(Second), b, (more.Name, "F32", [1], Tensors.Bytes(more.Value)));
        else
            Tensors.WriteSafetensors(_folder.In(Second), b);
        File.WriteAllText(_folder.In(Index), index ?? $$$"""{"weight_map": {"a": "{{{First}}}", "b": "{{{Second}}}"}}""");
    }
}
