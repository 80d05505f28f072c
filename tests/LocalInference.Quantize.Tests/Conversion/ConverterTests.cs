using LocalInference.Quantize.Checkpoints;
using LocalInference.Quantize.Chance;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Graph;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Conversion;

public sealed class ConverterTests : IDisposable
{
    private static readonly int[] Ids = [259, 257, 72, 105, 258];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int, bool, int, string?> Forms => new()
    {
        { "tiny-qwen2", 4, false, 4, null },
        { "tiny-qwen2", 4, false, 8, null },
        { "tiny-qwen2", 4, true, 4, "int8" },
        { "tiny-qwen2", 8, true, 8, "int4" },
        { "tiny-qwen2", 32, true, 8, "int8" },
        { "tiny-qwen2-untied", 4, false, 8, "int4" },
        { "tiny-llama", 8, true, 32, "int8" },
        { "tiny-qwen3", 4, true, 32, "fp32" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Convert_AnyMixture_StaysNearTheFp32Model(string name, int bits, bool isSymmetric, int headBits, string? embedding)
    {
        string checkpoint = Checkpoint(name), exact = _folder.In("exact"), made = _folder.In("made");
        Conversions.Convert(checkpoint, exact, Conversions.Options(Conversions.Precision(32)));
        EmbeddingType? type = embedding is null ? null : Enum.Parse<EmbeddingType>(embedding, ignoreCase: true);
        var layers = new Dictionary<int, int> { [1] = 8 };
        Conversions.Convert(checkpoint, made, Conversions.Options(
            Conversions.Precision(bits, 32, isSymmetric, headBits: headBits, embedding: type, layerBits: layers)));
        float[] a = Conversions.Logits(exact, Ids), b = Conversions.Logits(made, Ids);
        Assert.True(Correlation(a, b) > 0.9, $"correlation {Correlation(a, b)}");
    }

    [Fact]
    public void Convert_TiedAndAsymmetric_SharesTheHeadWithItsZeroPoints()
    {
        string made = _folder.In("made");
        Conversions.Convert(Checkpoint("tiny-qwen2"), made, Conversions.Options(Conversions.Precision(isSymmetric: false)));
        var embedding = Tensors.ReadGraph(made).Node.Single(n => n.OpType == "GatherBlockQuantized");
        Assert.Equal("lm_head.MatMul.weight_zero_points", embedding.Input[3]);
        Assert.DoesNotContain("model.embed_tokens.weight", Tensors.ReadFolder(made).Keys);
    }

    [Fact]
    public void Convert_RandomWeights_IsWhatTheirCheckpointGives()
    {
        string made = _folder.In("made"), direct = _folder.In("direct"), checkpoint = Checkpoint("tiny-qwen2-untied");
        Assert.Equal(2, Directory.EnumerateFiles(checkpoint, "*.safetensors").Count());
        Conversions.Convert(checkpoint, made, Conversions.Options(Conversions.Precision()));
        using ModelSource source = ModelSource.Open(checkpoint, config => new RandomWeights(config, "tiny-qwen2-untied", 5));
        Conversions.Convert(source, direct, Conversions.Options(Conversions.Precision()));
        Assert.Equal(File.ReadAllBytes(Path.Combine(direct, "model.onnx.data")), File.ReadAllBytes(Path.Combine(made, "model.onnx.data")));
    }

    [Theory]
    [InlineData("tiny-qwen2")]
    [InlineData("tiny-llama")]
    [InlineData("tiny-qwen3")]
    public void Convert_RandomWeights_GiveLogitsThatAreNeitherFlatNorAPeak(string name)
    {
        string made = _folder.In("made");
        Conversions.Convert(Checkpoint(name), made, Conversions.Options(Conversions.Precision()));
        float[] logits = Conversions.Logits(made, Ids);
        double mean = logits.Average(), deviation = Math.Sqrt(logits.Average(l => (l - mean) * (l - mean)));
        Assert.InRange(deviation, 1, 6);
    }

    [Fact]
    public void Convert_LeftoverTensor_IsNamed()
    {
        string checkpoint = Checkpoint("tiny-llama");
        EditConfig(checkpoint, "num_hidden_layers", 2);
        Assert.Contains("'model.layers.2.input_layernorm.weight' has no place", Fault(checkpoint), StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_MissingTensor_NamesItAndTheShape()
    {
        string checkpoint = Checkpoint("tiny-llama");
        EditConfig(checkpoint, "num_hidden_layers", 4);
        Assert.Contains("'model.layers.3.", Fault(checkpoint), StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_ShapeAgainstTheConfig_SaysBoth()
    {
        string checkpoint = Checkpoint("tiny-llama");
        EditConfig(checkpoint, "intermediate_size", 700);
        Assert.Contains("has the shape [768, 256]; expected: [700, 256]", Fault(checkpoint), StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_MissingShard_IsNamed()
    {
        string checkpoint = Checkpoint("tiny-llama");
        File.Delete(Path.Combine(checkpoint, "model-00002-of-00002.safetensors"));
        Assert.Contains("model-00002-of-00002.safetensors: the shard is missing", Fault(checkpoint), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mse")]
    [InlineData("Gptq")]
    public void Convert_BetterMethod_LosesLessThanRoundToNearest(string method)
    {
        foreach (string checkpoint in (string[])["qwen2", "qwen2-untied", "llama", "llama-mha", "qwen3"])
        {
            string source = ReferenceData.PathOf("checkpoints", checkpoint);
            Assert.True(Kl(source, Enum.Parse<MethodName>(method)) < Kl(source, MethodName.Rtn), checkpoint);
        }
    }

    [Fact]
    public void Convert_TinyR1_AnswersAlmostAllThatItsCheckpointDoes()
    {
        string source = Repository.TinyR1Checkpoint;
        QuantizationReport nearest = Report(source, MethodName.Rtn), fedBack = Report(source, MethodName.Gptq);
        Assert.InRange(nearest.Right!.Value, 286, 300);
        Assert.InRange(fedBack.Right!.Value, 286, 300);
        Assert.True(Report(source, MethodName.Mse).Logits!.MeanKl < nearest.Logits!.MeanKl);
        Assert.True(fedBack.Logits!.MeanKl < nearest.Logits.MeanKl);
    }

    public void Dispose() => _folder.Dispose();

    private double Kl(string checkpoint, MethodName method) => Report(checkpoint, method).Logits!.MeanKl;

    private QuantizationReport Report(string checkpoint, MethodName method) => Conversions.Convert(
        checkpoint, _folder.In($"{Path.GetFileName(checkpoint)}-{method}-{Guid.NewGuid():N}"),
            Conversions.Options(Conversions.Precision(), method), new EvaluationChoice(null, null));

    private string Fault(string checkpoint) =>
        Assert.Throws<QuantizeException>(() => Conversions.Convert(checkpoint, _folder.In("fault"),
            Conversions.Options(Conversions.Precision()))).Message;

    private static void EditConfig(string checkpoint, string key, int value)
    {
        JsonFile file = JsonFile.Read(Path.Combine(checkpoint, "config.json"));
        file.Json[key] = value;
        File.WriteAllText(file.Path, file.Json.ToJsonString());
    }

    /// <summary>A checkpoint of random weights.</summary>
    private string Checkpoint(string name)
    {
        OutputFolder folder = _folder.Output(name);
        using ModelSource source = RandomModel.Find(name).Make(5, folder);
        new CheckpointWriter(source.Weights).Write(folder, (_, _) => { }, TestContext.Current.CancellationToken);
        return folder.Path;
    }

    private static double Correlation(float[] a, float[] b)
    {
        double meanA = a.Average(), meanB = b.Average();
        double product = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        return product / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }
}
