using System.Globalization;
using System.Text.RegularExpressions;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Commands;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Compare_FolderWithItself_IsNoLoss()
    {
        Cli run = Cli.Run("compare", Repository.TinyR1, Repository.TinyR1, "--report-tokens", "100").Succeeded();
        Assert.Equal(0, Number(run, @"KL divergence .* (\S+) nats on average"), 1e-6);
        Assert.Contains("same likeliest token        100.00 %", run.Output, StringComparison.Ordinal);
        Match perplexity = Regex.Match(run.Output, @"perplexity +A (\S+), B (\S+)");
        Assert.Equal(perplexity.Groups[1].Value, perplexity.Groups[2].Value);
    }

    [Fact]
    public void Compare_CheckpointWithItsFolder_IsWhatTheReportSays()
    {
        string made = _folder.In("made");
        Cli convert = Cli.Run("--random", "tiny-qwen3", made, "--report-tokens", "300").Succeeded();
        Cli.Run("--random", "tiny-qwen3", _folder.In("checkpoint"), "--checkpoint").Succeeded();
        Cli compare = Cli.Run("compare", _folder.In("checkpoint"), made, "--report-tokens", "300").Succeeded();
        Assert.Contains("300 tokens (300 random ids, seed 1)", compare.Output, StringComparison.Ordinal);
        Assert.Equal(Number(convert, @"KL divergence (\S+) nats"), Number(compare, @"KL divergence .* (\S+) nats on average"), 1e-5);
        Assert.True(Number(compare, @"KL divergence .* (\S+) nats on average") > 1e-4);
    }

    [Fact]
    public void Compare_TinyR1_CountsExactAnswers()
    {
        string questions = _folder.In("questions.jsonl");
        File.WriteAllLines(questions, File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "tiny-r1", "questions.jsonl")).Take(
            12));
        Cli run = Cli.Run("compare", Repository.TinyR1Checkpoint, Repository.TinyR1, "--questions", questions).Succeeded();
        Assert.Matches(@"exact answers +B (9|1[0-2]) of 12", run.Output);
    }

    [Fact]
    public void Compare_OtherVocabularies_IsRefused()
    {
        Cli.Run("--random", "tiny-llama", _folder.In("other")).Succeeded();
        Cli run = Cli.Run("compare", Repository.TinyR1, _folder.In("other"), "--report-tokens", "10");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("The models have 2048 and 1024 logits", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_Nothing_IsRefused()
    {
        Assert.Equal(1, Cli.Run("compare", Repository.TinyR1, _folder.In("absent"), "--report-tokens", "10").ExitCode);
        Assert.Contains("--report-tokens is 0", Cli.Run("compare", Repository.TinyR1, Repository.TinyR1, "--report-tokens", "0").Error,
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static double Number(Cli run, string pattern) =>
        double.Parse(Regex.Match(run.Output, pattern).Groups[1].Value, CultureInfo.InvariantCulture);
}
