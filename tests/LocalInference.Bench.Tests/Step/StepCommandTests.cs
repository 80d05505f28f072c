using System.CommandLine;
using System.Text.Json;
using LocalInference.Bench.Machine;
using LocalInference.Bench.Step;
using LocalInference.Testing;
using Spectre.Console;

namespace LocalInference.Bench.Tests.Step;

public sealed class StepCommandTests
{
    [Theory]
    [InlineData("--kernels llama", "--kernels is 'llama'; it must be own, onnxruntime or both.")]
    [InlineData("--without rope", "--without: 'rope' is no fusion; allowed are norm, residual, gate-up, bias, tied-embedding.")]
    [InlineData("--without norm --kernels own",
        "--without measures our own kernels with and without fusions, and --kernels asks for others: leave out one of the two.")]
    [InlineData("--kv-types int4", "--kv-types: 'int4' is no type of cache; allowed are float32, bfloat16, int16, int8.")]
    [InlineData("--kv-types int8 --without norm", "--kv-types measures our own kernels with several caches: leave out --kernels and --without.")]
    [InlineData("--threads 0", "--threads is '0'; it must be a whole number from 1 to 1024.")]
    public void Parse_AValueThatIsNotAllowed_NamesFoundAndAllowed(string arguments, string expected) =>
        Assert.Equal([expected], Parse($"--model x {arguments}").Errors.Select(e => e.Message));

    [Fact]
    public void Parse_SeveralBadCases_NamesEach()
    {
        string[] errors = [.. Parse("--model x --cases prefill:1,decode:0,sample:3").Errors.Select(e => e.Message)];
        Assert.Equal(2, errors.Length);
        Assert.Contains("'decode:0'", errors[0]);
        Assert.Contains("'sample:3'", errors[1]);
    }

    [Fact]
    public void Parse_WithoutAModel_IsAnError() => Assert.NotEmpty(Parse("--cases decode:1").Errors);

    [Fact]
    public async Task Invoke_NoModelFolder_IsExitCodeOne() => Assert.Equal(1, await InvokeAsync("--model no-such-folder"));

    [Fact]
    public async Task Invoke_TinyR1_SucceedsAndSavesTheWholeRun()
    {
        using JsonDocument saved = await SavedBy("--cases decode:1,prefill:20 --threads 2");
        JsonElement root = saved.RootElement;
        Assert.Equal("tiny-r1", root.GetProperty("model").GetString());
        Assert.Equal(
            ["decode:1 own", "decode:1 onnxruntime", "prefill:20 own", "prefill:20 onnxruntime"],
            root.GetProperty("results").EnumerateArray().Select(r => $"{r.GetProperty("case")} {r.GetProperty("kernels")}"));
        Assert.Equal(2, root.GetProperty("ratios").GetArrayLength());
        Assert.True(root.GetProperty("limits").GetProperty("decode:1").GetProperty("read_bytes_per_second").GetDouble() > 0);
        Assert.NotEqual("", root.GetProperty("machine").GetProperty("onnx_runtime").GetString());
    }

    [Fact]
    public async Task Invoke_WithoutAFusion_SavesBothAndTheirRatio()
    {
        using JsonDocument saved = await SavedBy("--cases decode:2 --without norm,gate-up --threads 1");
        Assert.Equal(["own", "own-without-norm+gate-up"], Kernels(saved));
        Assert.Equal("own/own-without-norm+gate-up", saved.RootElement.GetProperty("ratios")[0].GetProperty("kernels").GetString());
    }

    [Fact]
    public async Task Invoke_CacheTypes_SavesOneOfEach()
    {
        using JsonDocument saved = await SavedBy("--cases decode:2 --kv-types int16,int8 --threads 1");
        Assert.Equal(["own-int16", "own-int8"], Kernels(saved));
    }

    [Fact]
    public void Json_AResult_IsOneLineOfTheAgreedNames() =>
        Assert.Equal("""{"case":"decode:1","kernels":"own","tokens_per_second":50,"ci95":[40,60.5],"step_ms":20,"limit_share":0.9}""", StepReport.Json(Result));

    [Fact]
    public void WriteTable_NoTerminal_IsWholeLinesWithoutColours()
    {
        using StringWriter text = new();
        StepReport.WriteTable(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) }), [Result, Result with { LimitShare = null }]);
        Assert.DoesNotContain('\u001b', text.ToString());
        Assert.Contains("50.0", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("40.0–60.5", text.ToString(), StringComparison.Ordinal);
        Assert.All(text.ToString().Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    [Theory]
    [InlineData(50.0, "near")]
    [InlineData(370.0, "far")]
    [InlineData(null, "unknown")]
    public void State_OfTheProcessors_IsToldByTheLine(double? nanoseconds, string expected) =>
        Assert.Equal(expected, new MachineLimits(1, null, nanoseconds).State);

    private static StepResult Result => new() { Case = "decode:1", Kernels = "own", TokensPerSecond = 50, Ci95 = [40, 60.5], StepMs = 20, LimitShare = 0.9 };

    private static IEnumerable<string> Kernels(JsonDocument saved) =>
        saved.RootElement.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("kernels").GetString()!);

    /// <summary>What a run on tiny-r1 saves.</summary>
    private static async Task<JsonDocument> SavedBy(string arguments)
    {
        string folder = Directory.CreateTempSubdirectory("bench-step-").FullName;
        try
        {
            Assert.Equal(0, await InvokeAsync($"--model {Repository.TinyR1} {arguments} --json --save {folder}"));
            string file = Assert.Single(Directory.GetFiles(folder));
            return JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ParseResult Parse(string arguments) => StepCommand.Create().Parse(arguments);

    private static Task<int> InvokeAsync(string arguments) => Parse(arguments).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
}
