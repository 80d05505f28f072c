using System.CommandLine;
using LocalInference.Quantize.Commands;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Commands;

/// <summary>Exit codes and what is left on disk.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Convert_TinyR1_WritesAServedFolderWithItsReport()
    {
        string target = _folder.In("out");
        Assert.Equal(0, Run(Path.Combine(Repository.Root, "models", "tiny-r1-checkpoint"), target, "--report-tokens", "50", "--layer-bits",
            "0,2-3=8", "--head-bits", "8"));
        Assert.Equal(
            ["chat_template.jinja", "genai_config.json", "model.onnx", "model.onnx.data", "quantization-report.json", "tokenizer.json",
                "tokenizer_config.json"],
            Directory.EnumerateFiles(target).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.Equal(0, Run("inspect", target));
        Assert.Equal(0, Run("compare", Path.Combine(Repository.Root, "models", "tiny-r1-checkpoint"), target, "--report-tokens", "50"));
    }

    [Theory]
    [InlineData("--bits", "5")]
    [InlineData("--head-bits", "7")]
    [InlineData("--layer-bits", "3")]
    [InlineData("--layer-bits", "3-1=8")]
    [InlineData("--method", "magic")]
    [InlineData("--head-bits", "16")]
    public void Convert_BadOption_ExitsWithOneAndWritesNothing(string option, string value)
    {
        Assert.Equal(1, Run(Path.Combine(Repository.Root, "models", "tiny-r1-checkpoint"), _folder.In("out"), option, value));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Convert_TruncatedCheckpoint_ExitsWithOneAndWritesNothing()
    {
        string checkpoint = _folder.Copy(Path.Combine(Repository.Root, "models", "tiny-r1-checkpoint")),
            weights = Path.Combine(checkpoint, "model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^100]);
        Assert.Equal(1, Run(checkpoint, _folder.In("out")));
        Assert.Equal([checkpoint], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Random_UnknownName_ExitsWithOne() => Assert.Equal(1, Run("--random", "gpt-5", _folder.In("out")));

    [Fact]
    public void Random_TinyName_WritesAServedFolder()
    {
        Assert.Equal(0, Run("--random", "tiny-llama", _folder.In("out"), "--bits", "8", "--seed", "3"));
        Assert.NotEmpty(Conversions.Logits(_folder.In("out"), [1, 2, 3]));
    }

    public void Dispose() => _folder.Dispose();

    private static int Run(params string[] arguments)
    {
        RootCommand root = CommandLine.Create(new LocalDisk());
        return root.Parse(arguments).Invoke(new InvocationConfiguration { Output = TextWriter.Null, Error = TextWriter.Null });
    }
}
