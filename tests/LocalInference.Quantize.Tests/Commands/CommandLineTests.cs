using System.CommandLine;
using System.Text.RegularExpressions;
using LocalInference.Quantize.Commands;
using LocalInference.Quantize.Folders;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Commands;

/// <summary>Exit codes and what is left on disk.</summary>
public sealed partial class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Convert_TinyR1_WritesAServedFolderWithItsReport()
    {
        string target = _folder.In("out");
        Assert.Equal(0, Run(Repository.TinyR1Checkpoint, target, "--report-tokens", "50", "--layer-bits",
            "0,2-3=8", "--head-bits", "8"));
        Assert.Equal(
            ["chat_template.jinja", "genai_config.json", "model.onnx", "model.onnx.data", "quantization-report.json", "tokenizer.json",
                "tokenizer_config.json"],
            Directory.EnumerateFiles(target).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.Equal(0, Run("inspect", target));
        Assert.Equal(0, Run("compare", Repository.TinyR1Checkpoint, target, "--report-tokens", "50"));
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
        Assert.Equal(1, Run(Repository.TinyR1Checkpoint, _folder.In("out"), option, value));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Convert_TruncatedCheckpoint_ExitsWithOneAndWritesNothing()
    {
        string checkpoint = _folder.Copy(Repository.TinyR1Checkpoint),
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

    /// <summary>Standard output is for results, which may be read by a program.</summary>
    [Theory]
    [InlineData("checkpoint --bit 4", "There is no option --bit;")]
    [InlineData("--random tiny-llama --asymetric", "There is no option --asymetric; see --help. A folder of that name is ./--asymetric.")]
    [InlineData("inspect --full", "There is no option --full;")]
    [InlineData("compare a b c", "'c'")]
    [InlineData("compare a b --report-tokens some", "--report-tokens is 'some'; allowed: 0 to 1000000.")]
    [InlineData("compare a b --report-tokens 1000001", "--report-tokens is '1000001'; allowed: 0 to 1000000.")]
    [InlineData("--random tiny-llama out --seed -1", "--seed is '-1'; allowed: 0 to 18446744073709551615.")]
    [InlineData("inspect", "'FOLDER' missing for command: 'inspect'")]
    [InlineData("", "0 folders are named; expected: CHECKPOINT OUT")]
    public void WrongCommandLine_IsToldOnStandardErrorOnly(string arguments, string part)
    {
        Cli run = Cli.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(part, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Readme_EveryCommandOfThisTool_Parses()
    {
        MatchCollection commands = Commands().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Empty(CommandLine.Parse(new LocalDisk(), command.Groups[1].Value.Split(' ')).Errors));
    }

    [Fact]
    public void Script_EveryOptionInItsHead_Exists()
    {
        string help = Cli.Run("--help").Output;
        MatchCollection options = Options().Matches(File.ReadAllText(Path.Combine(Repository.Root, "scripts", "quantize")));
        Assert.NotEmpty(options);
        Assert.All(options, option => Assert.Contains(option.Value, help, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static int Run(params string[] arguments) => Cli.Run(arguments).ExitCode;

    [GeneratedRegex(@"\./scripts/quantize ([^`\n]+)")]
    private static partial Regex Commands();

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex Options();
}
