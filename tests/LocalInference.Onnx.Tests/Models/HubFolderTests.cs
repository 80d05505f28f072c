using System.Text.Json.Nodes;
using LocalInference.Core.Completions;
using LocalInference.Core.Execution;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Runner;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalInference.Onnx.Tests.Models;

/// <summary>
/// Folders as they come from the Hugging Face Hub: <c>config.json</c> in place of <c>genai_config.json</c>, graphs under <c>onnx/</c>.
/// </summary>
public class HubFolderTests
{
    private const string Config = """
        {"model_type": "qwen2", "vocab_size": 2048, "hidden_size": 256, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 4,
         "max_position_embeddings": 4096, "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0, "torch_dtype": "bfloat16"}
        """;

    private const string Generation = """{"bos_token_id": 2035, "eos_token_id": [2032, 7], "do_sample": true, "temperature": 0.6, "top_p": 0.95, "top_k": null}""";

    [Fact]
    public void Load_GraphsUnderOnnx_RunsTheNamedOne()
    {
        using TemporaryFolder folder = Hub("onnx/model_q4.onnx");
        folder.Write("onnx/model_fp16.onnx", "");
        OnnxModel model = OnnxModel.Load(folder.Path, new OnnxModelOptions { File = "onnx/model_q4.onnx" }, NullLogger.Instance);
        Assert.Equal((2035, 4, 64), (model.BeginTokenId, model.LayerCount, model.HeadSize));
        using IModelRunner runner = model.CreateRunner(new RunnerOptions());
        (int[] prompt, int[] answer) = Questions.All[0];
        Assert.Equal(answer, new GreedyLoop(runner).Run([prompt], 1, 600, Questions.EndToken)[0]);
    }

    [Fact]
    public void Read_GenerationConfig_WinsOverConfig()
    {
        using TemporaryFolder folder = Hub("model.onnx");
        ModelFolder found = ModelFolder.Read(folder.Path);
        Assert.Equal([2032, 7], found.Config.EndTokenIds);
        Assert.Equal((2035, 4096, 64), (found.Config.BeginTokenId, found.Config.ContextTokens, found.Config.HeadSize));
        Assert.Equal(new SamplingParameters(0.6, 0.95, 0, 0, 0), found.Config.DefaultSampling);
        Assert.EndsWith("config.json", found.ConfigPath);
        File.Delete(Path.Combine(folder.Path, "generation_config.json"));
        found = ModelFolder.Read(folder.Path);
        Assert.Equal([2], found.Config.EndTokenIds);
        Assert.Equal(SamplingParameters.Greedy, found.Config.DefaultSampling);
    }

    [Fact]
    public void Read_SeveralGraphs_AreListed()
    {
        using TemporaryFolder folder = Hub("onnx/model_q4.onnx");
        folder.Write("onnx/model.onnx", "");
        folder.Write("model.onnx", "");
        string message = Refusal(folder.Path);
        Assert.Contains($"the folder holds 3 graphs: model.onnx, {Path.Combine("onnx", "model.onnx")}, {Path.Combine("onnx", "model_q4.onnx")}", message);
        Assert.Contains("Name one of them with the option 'File' (--file NAME).", message);
    }

    [Theory]
    [InlineData("gone.onnx", "gone.onnx: the file is missing, though the option 'File'")]
    [InlineData("../model.onnx", "the option 'File' is '../model.onnx'; allowed: a relative path inside the model folder")]
    public void Read_FileThatIsNone_IsRefused(string file, string expected)
    {
        using TemporaryFolder folder = Hub("model.onnx");
        Assert.Contains(expected, Assert.Throws<ModelFolderException>(() => ModelFolder.Read(folder.Path, file)).Message);
        Assert.Contains(expected, Assert.Throws<ModelFolderException>(() => ModelFolder.Read(Repository.TinyR1, file)).Message);
    }

    [Theory]
    [InlineData("max_position_embeddings", null, "max_position_embeddings is missing; allowed: a whole number of 1 or more")]
    [InlineData("num_attention_heads", "3", "head_dim is missing; allowed: a whole number, since hidden_size (256) is no multiple of num_attention_heads (3)")]
    [InlineData("model_type", null, "model_type is missing; allowed: a text")]
    [InlineData("eos_token_id", null, "eos_token_id is missing; allowed: a token id or a list of them, here or in generation_config.json")]
    [InlineData("eos_token_id", "2048", "eos_token_id is 2048; allowed: ids below vocab_size, 2048")]
    public void Read_BadConfig_NamesTheKey(string key, string? value, string expected)
    {
        using TemporaryFolder folder = Hub("model.onnx");
        File.Delete(Path.Combine(folder.Path, "generation_config.json"));
        Change(folder, key, value);
        string message = Refusal(folder.Path);
        Assert.Contains($"{Path.Combine(folder.Path, "config.json")}: {expected}", message);
    }

    [Theory]
    [InlineData("vocab_size", "config.json: vocab_size is 3000; allowed: 2048, as in the graph 'model.onnx'")]
    [InlineData("num_hidden_layers", "config.json: num_hidden_layers is 3000; allowed: 4")]
    [InlineData("head_dim", "head_dim is 3000, but the graph's query")]
    [InlineData("max_position_embeddings", "Set max_position_embeddings in config.json to at most 4096", 5000)]
    public void Load_ConfigAgainstGraph_NamesTheKey(string key, string expected, int value = 3000)
    {
        using TemporaryFolder folder = Hub("model.onnx");
        Change(folder, key, $"{value}");
        Assert.Contains(
            expected, Assert.Throws<ModelFolderException>(
                () => OnnxModel.Load(folder.Path, new OnnxModelOptions(), NullLogger.Instance)).Message);
    }

    [Fact]
    public void Read_RepositoryOfTheCache_IsItsCurrentSnapshotUnderItsOwnName()
    {
        using var cache = new TemporaryFolder();
        using TemporaryFolder source = Hub("model.onnx");
        string repository = Path.Combine(cache.Path, "models--owner--tiny-model");
        foreach (string revision in (string[])["old", "new"])
            foreach (string file in (string[])["config.json", "generation_config.json", "model.onnx"])
                Link(repository, revision, file, Path.Combine(source.Path, file));
        string message = Refusal(repository);
        Assert.Contains("has 2 snapshots and its refs/main names none of them", message);
        cache.Write("models--owner--tiny-model/refs/main", "new\n");
        ModelFolder found = ModelFolder.Read(repository);
        Assert.Equal("tiny-model", found.Id);
        Assert.Equal(Path.Combine(repository, "snapshots", "new"), found.Path);
        Assert.StartsWith(ModelPaths.RealPath(Path.Combine(repository, "blobs")), found.GraphPath);
    }

    [Fact]
    public void Read_RepositoryOfTheCacheWithoutSnapshots_SaysSo()
    {
        using var cache = new TemporaryFolder();
        cache.Write("models--owner--gone/snapshots/x/y", "");
        Directory.Delete(Path.Combine(cache.Path, "models--owner--gone", "snapshots", "x"), recursive: true);
        Assert.Contains("has 0 snapshots", Refusal(Path.Combine(cache.Path, "models--owner--gone")));
    }

    private static void Link(string repository, string revision, string name, string file)
    {
        string blob = Path.Combine(repository, "blobs", $"{revision}-{name}"), link = Path.Combine(repository, "snapshots", revision, name);
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.WriteAllBytes(blob, File.ReadAllBytes(file));
        File.CreateSymbolicLink(link, Path.Combine("..", "..", "blobs", Path.GetFileName(blob)));
    }

    /// <summary>Tiny-r1 without its <c>genai_config.json</c>, its graph and data beside each other.</summary>
    private static TemporaryFolder Hub(string graph)
    {
        var folder = new TemporaryFolder();
        folder.Write("config.json", Config);
        folder.Write("generation_config.json", Generation);
        string beside = Path.Combine(folder.Path, Path.GetDirectoryName(graph)!);
        Directory.CreateDirectory(beside);
        File.WriteAllBytes(Path.Combine(folder.Path, graph), File.ReadAllBytes(Path.Combine(Repository.TinyR1, "model.onnx")));
        File.WriteAllBytes(Path.Combine(beside, "model.onnx.data"), File.ReadAllBytes(Path.Combine(Repository.TinyR1, "model.onnx.data")));
        return folder;
    }

    private static void Change(TemporaryFolder folder, string key, string? value)
    {
        JsonNode json = JsonNode.Parse(Config)!;
        if (value is null)
            json.AsObject().Remove(key);
        else
            json[key] = JsonNode.Parse(value);
        folder.Write("config.json", json.ToJsonString());
    }

    private static string Refusal(string path) => Assert.Throws<ModelFolderException>(() => ModelFolder.Read(path)).Message;
}
