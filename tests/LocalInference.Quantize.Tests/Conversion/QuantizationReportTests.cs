using System.Text.Json.Nodes;
using LocalInference.Quantize.Conversion;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Conversion;

/// <summary>The report's figures, computed again from what lies in the folder.</summary>
public sealed class QuantizationReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(7)]
    [InlineData(21)]
    public void Write_ErrorsOfTensors_AreThoseOfTheStoredCodes(int seed)
    {
        OddCheckpoint odd = OddCheckpoint.Write(seed, _folder.In("checkpoint"));
        Cli.Run(_folder.In("checkpoint"), _folder.In("made"), "--bits", "4", "--block", "16", "--report-tokens", "0").Succeeded();
        Dictionary<string, double[]> stored = StoredWeights.Read(_folder.In("made"), odd.Weights);
        JsonNode report = Report();
        JsonNode down = report["tensors"]!.AsArray().Single(t => t!["name"]!.GetValue<string>() == "model.layers.0.mlp.down_proj.weight")!;
        double[] was = odd.Weights["model.layers.0.mlp.down_proj.weight"],
            lost = [.. was.Zip(stored["model.layers.0.mlp.down_proj.weight"], (a, b) => a - b)];
        double rms = Math.Sqrt(lost.Average(x => x * x));
        Assert.Equal(rms, down["error_rms"]!.GetValue<double>(), rms * 1e-4);
        Assert.Equal(rms / Math.Sqrt(was.Average(x => x * x)), down["error_relative"]!.GetValue<double>(), 1e-5);
        Assert.Equal(lost.Max(Math.Abs), down["error_max"]!.GetValue<double>(), 1e-5);
        Assert.Equal((4, 16, true), (down["bits"]!.GetValue<int>(), down["block_size"]!.GetValue<int>(),
            down["symmetric"]!.GetValue<bool>()));
        // Every product of every layer, with q, k and v as one, and the head.
        Assert.Equal((odd.Config["num_hidden_layers"]!.GetValue<int>() * 5) + 1,
            report["tensors"]!.AsArray().Count(t => t!["name"]!.GetValue<string>() is var n
            && (n != "model.embed_tokens.weight" || odd.IsTied)));
    }

    [Fact]
    public void Write_NoTokens_SaysThatLogitsWereNotMeasured()
    {
        Cli run = Cli.Run("--random", "tiny-llama", _folder.In("made")).Succeeded();
        Assert.Null(Report()["logits"]);
        Assert.Equal("--report-tokens 0", Report()["not_measured"]!.GetValue<string>());
        Assert.Contains("logits: not measured (--report-tokens 0)", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(5, false)]
    [InlineData(12, true)]
    [InlineData(12, false)]
    public void Measure_FolderThatTakesMuchOfMemory_IsReadBackAndLosesTheSame(int seed, bool isSymmetric)
    {
        OddCheckpoint.Write(seed, _folder.In("checkpoint"));
        ConversionOptions options = Conversions.Options(Conversions.Precision(block: 16, isSymmetric: isSymmetric,
            layerBits: new() { [0] = 8 }));
        var text = new EvaluationChoice(200, null);
        QuantizationReport served = Conversions.Convert(_folder.In("checkpoint"), _folder.In("served"), options, text);
        // One byte more of memory, and the folder would take no more than its quarter.
        long bytes = new FileInfo(Path.Combine(_folder.In("served"), "model.onnx.data")).Length;
        QuantizationReport readBack = Conversions.Convert(
            _folder.In("checkpoint"), _folder.In("read"), options with { MemoryBytes = (4 * bytes) - 1 }, text);
        Assert.Contains("as this server runs the folder", served.Table(), StringComparison.Ordinal);
        Assert.Contains("stored weights in fp32", readBack.Table(), StringComparison.Ordinal);
        // What is served rounds its activations, too; the weights' share of the loss is by far the larger.
        Assert.InRange(readBack.Logits!.MeanKl / served.Logits!.MeanKl, 0.7, 1.2);
    }

    [Fact]
    public void Measure_Fp32_LosesNothing()
    {
        OddCheckpoint.Write(5, _folder.In("checkpoint"));
        Cli.Run(_folder.In("checkpoint"), _folder.In("made"), "--bits", "32", "--report-tokens", "200").Succeeded();
        JsonNode logits = Report()["logits"]!;
        Assert.Equal(200, logits["tokens"]!.GetValue<int>());
        Assert.InRange(logits["kl_max"]!.GetValue<double>(), 0, 1e-6);
        Assert.Equal(1, logits["top1_agreement"]!.GetValue<double>());
        Assert.Equal(logits["perplexity_checkpoint"]!.GetValue<double>(), logits["perplexity"]!.GetValue<double>(), 0.01);
        Assert.Empty(Report()["tensors"]!.AsArray());
    }

    [Fact]
    public void Measure_MoreBits_LoseLess()
    {
        OddCheckpoint.Write(9, _folder.In("checkpoint"));
        double four = Kl("4"), eight = Kl("8");
        Assert.True(eight < four / 5, $"{eight} against {four}");
    }

    public void Dispose() => _folder.Dispose();

    private double Kl(string bits)
    {
        Cli.Run(_folder.In("checkpoint"), _folder.In("made"), "--bits", bits, "--report-tokens", "200", "--force").Succeeded();
        return Report()["logits"]!["kl_mean"]!.GetValue<double>();
    }

    private JsonNode Report() => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.In("made"), "quantization-report.json")))!;
}
