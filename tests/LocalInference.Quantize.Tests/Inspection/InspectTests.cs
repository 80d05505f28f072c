using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Inspection;

public sealed class InspectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Inspect_Checkpoint_SaysArchitectureTypesAndSizes()
    {
        string page = Cli.Run("inspect", Repository.TinyR1Checkpoint).Succeeded().Output;
        Assert.Contains("checkpoint, Qwen2ForCausalLM, tied embeddings", page, StringComparison.Ordinal);
        Assert.Contains("4 layers, hidden 256, 4 query heads over 2 key and value heads of 64, vocabulary 2048, context 4096", page,
            StringComparison.Ordinal);
        // 4 layers x 3 matrices of 256 x 768 in two bytes.
        AssertRow(page, "MLP", "BF16", 12, "4.50 MiB");
        AssertRow(page, "embedding", "BF16", 1, "1.00 MiB");
        AssertRow(page, "biases", "BF16", 12, "4.0 KiB");
        // 4 layers x 2 heads x 64 elements, keys and values; as integers each of the 16 has a scale.
        Assert.Contains("KV cache: 4096 bytes per token in fp32, 2048 in fp16 (GPUs), 2112 in int16 with scales (CPUs, for quantised "
            + "weights); a full context of 4096 takes 8.25 MiB in int16", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_MixedFolder_SaysThePrecisionOfEachGroup()
    {
        Cli.Run("--random", "tiny-qwen2-untied", _folder.In("made"), "--head-bits", "8", "--layer-bits", "1=8", "--embedding", "int4",
            "--asymmetric").Succeeded();
        string page = Cli.Run("inspect", _folder.In("made")).Succeeded().Output;
        Assert.Contains("model folder, type qwen2, activations float32", page, StringComparison.Ordinal);
        AssertRow(page, "MLP", "int4 x32", 6, "288.0 KiB");
        AssertRow(page, "MLP", "int8 x32", 3, "288.0 KiB");
        AssertRow(page, "LM head", "int8 x32", 1, "192.0 KiB");
        AssertRow(page, "embedding", "int4 x32", 1, "96.0 KiB");
        Assert.Contains("zero points", page, StringComparison.Ordinal);
        long bytes = new FileInfo(Path.Combine(_folder.In("made"), "model.onnx.data")).Length;
        Assert.Contains($"{bytes / 1048576.0:0.0}", page.Split('\n').Single(l => l.StartsWith("all ", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_AnyModel_SaysWhatFitsIntoHowMuchMemory()
    {
        string page = Cli.Run("inspect", Repository.TinyR1).Succeeded().Output;
        long weights = new FileInfo(Path.Combine(Repository.TinyR1, "model.onnx.data")).Length;
        // What weights and half a GiB leave of 4 GiB, at 4096 bytes a token; the file's few bytes of alignment aside.
        double tokens = (3.5 * (1L << 30) - weights) / 4096;
        string line = page.Split('\n').Single(l => l.StartsWith("  4 GiB:", StringComparison.Ordinal));
        double said = double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2].Replace(",", "", StringComparison.Ordinal),
            System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(tokens, said, 2.0);
    }

    [Fact]
    public void Inspect_Nothing_SaysWhatIsWanted()
    {
        Cli run = Cli.Run("inspect", _folder.In("absent"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("does not exist", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_BrokenGraph_NamesTheFile()
    {
        string copy = _folder.Copy(Repository.TinyR1);
        File.WriteAllText(Path.Combine(copy, "model.onnx"), "no graph");
        Cli run = Cli.Run("inspect", copy);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("model.onnx", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertRow(string page, string kind, string type, int count, string size)
    {
        string[] expected = [.. $"{kind} {type} {count} {size}".Split(' ')];
        Assert.Contains(page.Split('\n'), line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).SequenceEqual(expected));
    }
}
