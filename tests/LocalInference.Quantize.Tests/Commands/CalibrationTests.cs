using System.Text.Json.Nodes;
using LocalInference.Quantize.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Quantize.Tests.Commands;

/// <summary>What a method learns from and what is measured, as the report says it.</summary>
public sealed class CalibrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Gptq_TinyR1_LearnsFromAThirdOfItsQuestions()
    {
        JsonNode report = Report(Repository.TinyR1Checkpoint, "--method", "gptq");
        Assert.Equal("every third of the 300 questions, which are not measured on", report["calibration"]!.GetValue<string>());
        Assert.Contains("300 questions with answers, questions.jsonl, without every third", report["text"]!.GetValue<string>(),
            StringComparison.Ordinal);
        Assert.Equal(300, report["answers"]!["questions"]!.GetValue<int>());
    }

    [Fact]
    public void Gptq_FileNamed_LearnsFromIt()
    {
        string text = _folder.In("text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Range(0, 4000).Select(i => $"What is {i} plus {i % 7}? ")));
        JsonNode report = Report(Repository.TinyR1Checkpoint, "--method", "gptq", "--calibration", text);
        Assert.Matches(@"^\d{4} of \d{5} tokens, spread evenly: text\.txt$", report["calibration"]!.GetValue<string>());
    }

    [Fact]
    public void Gptq_RandomModel_LearnsFromRandomIds() =>
        Assert.Equal("2000 random ids, seed 2", Report("--random", "tiny-qwen2", "--method", "gptq")["calibration"]!.GetValue<string>());

    [Fact]
    public void Gptq_ReferenceCheckpoint_LearnsFromRandomIdsAndIsMeasuredOnOthers()
    {
        JsonNode report = Report(ReferenceData.PathOf("checkpoints", "llama"), "--method", "gptq");
        Assert.Equal("2000 random ids, seed 2", report["calibration"]!.GetValue<string>());
        Assert.Equal("2000 random ids, seed 1", report["text"]!.GetValue<string>());
        Assert.Equal(2000, report["logits"]!["tokens"]!.GetValue<int>());
    }

    [Fact]
    public void Gptq_TokenizerOfWords_LearnsFromOwnTextsAndIsMeasuredOnTheRest()
    {
        string checkpoint = WithTokenizer("deepseek-coder");
        JsonNode report = Report(checkpoint, "--method", "gptq");
        Assert.Contains("tokens: this tool's own texts", report["calibration"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("tokens of this tool's own texts", report["text"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.InRange(report["logits"]!["tokens"]!.GetValue<int>(), 1000, 2100);
    }

    [Fact]
    public void Rtn_AnyModel_LearnsFromNothing() => Assert.Null(Report("--random", "tiny-qwen2")["calibration"]);

    [Theory]
    [InlineData("--calibration", "absent.txt", "--method", "gptq", "the file 'absent.txt' does not exist")]
    [InlineData("--calibration", "absent.txt", "--method", "rtn", "the method rtn learns from no text")]
    [InlineData("--questions", "absent.jsonl", "--method", "rtn", "the file 'absent.jsonl' does not exist")]
    [InlineData("--report-tokens", "-1", "--method", "rtn", "allowed: 0 to 1000000")]
    public void Convert_TextThatCannotBe_IsRefused(string option, string value, string method, string name, string message)
    {
        Cli run = Cli.Run(Repository.TinyR1Checkpoint, _folder.In("out"), option, value, method, name);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x41 }, "is no UTF-8")]
    [InlineData(new byte[] { 0x20, 0x0A }, "is empty")]
    public void Convert_CalibrationThatIsNoText_IsRefusedByItsFile(byte[] bytes, string message)
    {
        string path = _folder.In("text.txt");
        File.WriteAllBytes(path, bytes);
        Cli run = Cli.Run(Repository.TinyR1Checkpoint, _folder.In("out"), "--method", "gptq", "--calibration", path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{path}: {message}", run.Error, StringComparison.Ordinal);
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("", "holds no question")]
    [InlineData("{", "line 1: is no valid JSON")]
    [InlineData("""{"prompt": "a", "ids": [1], "output_ids": [2], "answer": "b"}""", "line 1: output is missing")]
    [InlineData("""{"prompt": "a", "ids": [1], "output_ids": [2], "answer": "b", "output": "b"}""",
        "are not what this model's tokenizer makes")]
    public void Convert_QuestionsThatCannotBe_AreRefusedByFileAndLine(string line, string message)
    {
        string path = _folder.In("questions.jsonl");
        File.WriteAllText(path, line);
        Cli run = Cli.Run(Repository.TinyR1Checkpoint, _folder.In("out"), "--questions", path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(path, run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Download the checkpoint", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private JsonNode Report(params string[] arguments)
    {
        string target = _folder.In("made");
        string[] paths = arguments[0].StartsWith("--", StringComparison.Ordinal) ? [.. arguments, target]
            : [arguments[0], target, .. arguments[1..]];
        Cli run = Cli.Run(paths).Succeeded();
        JsonNode report = JsonNode.Parse(File.ReadAllText(Path.Combine(target, "quantization-report.json")))!;
        // The table for people says the same.
        foreach (string key in (string[])["calibration", "text"])
            if (report[key] is { } description)
                Assert.Contains(description.GetValue<string>(), run.Output, StringComparison.Ordinal);
        return report;
    }

    /// <summary>A tiny model of random weights under a published tokenizer.</summary>
    private string WithTokenizer(string name)
    {
        string checkpoint = _folder.In("checkpoint");
        OddCheckpoint.Write(3, checkpoint, vocabulary: 32256);
        foreach (string file in (string[])["tokenizer.json", "tokenizer_config.json"])
            File.Copy(ReferenceData.PathOf("tokenizers", name, file), Path.Combine(checkpoint, file), overwrite: true);
        return checkpoint;
    }
}
