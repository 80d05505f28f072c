using System.Globalization;
using System.Text.Json.Nodes;
using LocalInference.Core.Completions;
using LocalInference.Onnx.Models;
using LocalInference.Onnx.Tests.Testing;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Models;

public class ModelFolderTests
{
    [Fact]
    public void Read_TinyR1_GivesWhatTheFolderSays()
    {
        ModelFolder folder = ModelFolder.Read(Repository.TinyR1 + "/");
        Assert.Equal("tiny-r1", folder.Id);
        Assert.Equal(4096, folder.Config.ContextTokens);
        Assert.Equal([2032], folder.Config.EndTokenIds);
        Assert.Equal(2035, folder.Config.BeginTokenId);
        Assert.Equal(new SamplingParameters(0.6, 0.95, 50, 0, 0), folder.Config.DefaultSampling);
        Assert.Empty(folder.Config.UnknownKeys);
        Assert.Empty(folder.Config.UnappliedDefaults);
    }

    [Fact]
    public void Read_SearchMaxLength_IsNoLimit() => Assert.Equal(4096, Read(j => j["search"]!["max_length"] = 100).ContextTokens);

    [Fact]
    public void Read_EndTokens_AsListOrPaddingToken()
    {
        Assert.Equal([2032, 7], Read(j => j["model"]!["eos_token_id"] = new JsonArray(2032, 7)).EndTokenIds);
        Assert.Equal([5], Read(j =>
        {
            j["model"]!.AsObject().Remove("eos_token_id");
            j["model"]!["pad_token_id"] = 5;
        }).EndTokenIds);
    }

    [Fact]
    public void Read_Search_DefaultsAreNeutral()
    {
        Assert.Equal(0, Read(j => j["search"]!["do_sample"] = false).DefaultSampling.Temperature);
        Assert.Equal(1, Read(j => j["search"]!["top_p"] = 0).DefaultSampling.TopP);
        Assert.Equal(0.05, Read(j => j["search"]!["min_p"] = 0.05).DefaultSampling.MinP);
        Assert.Equal(SamplingParameters.Greedy, Read(j => j.AsObject().Remove("search")).DefaultSampling);
        Assert.Equal(
            new SamplingParameters(1, 1, 0, 0, 0), Read(j => j["search"] = new JsonObject { ["do_sample"] = true }).DefaultSampling);
    }

    [Fact]
    public void Read_UnknownAndUnappliedKeys_AreListed()
    {
        ModelConfig config = Read(j =>
        {
            j["model"]!["shiny"] = 1;
            j["model"]!["decoder"]!["new"] = 1;
            j["novel"] = new JsonObject();
            j["search"]!["repetition_penalty"] = 1.1;
        });
        Assert.Equal(["novel", "model.shiny", "model.decoder.new"], config.UnknownKeys);
        Assert.Equal(["search.repetition_penalty = 1.1"], config.UnappliedDefaults);
    }

    [Theory]
    [InlineData("model", null, "model is missing; allowed: an object")]
    [InlineData("model.context_length", "0", "model.context_length is 0; allowed: a whole number of 1 or more")]
    [InlineData("model.vocab_size", "\"x\"", "model.vocab_size is \"x\"; allowed: a whole number of 1 or more")]
    [InlineData("model.eos_token_id", "[]", "model.eos_token_id is an empty list; allowed: at least one token id")]
    [InlineData("model.eos_token_id", "\"end\"", "model.eos_token_id is \"end\"; allowed: a token id of 0 or more, or a list of them")]
    [InlineData("model.eos_token_id", "2048", "model.eos_token_id is 2048; allowed: ids below model.vocab_size, 2048")]
    [InlineData("model.decoder.num_hidden_layers", "1.5", "model.decoder.num_hidden_layers is 1.5; allowed: a whole number of 1 or more")]
    [InlineData("model.decoder.pipeline", "[]", "model.decoder.pipeline is a list of graphs; allowed: one decoder graph in model.decoder.filename")]
    [InlineData("model.decoder.filename", "\"/etc/passwd\"", "model.decoder.filename is '/etc/passwd'; allowed: a relative path inside the model folder, without '..'")]
    [InlineData("model.decoder.filename", "\"../model.onnx\"", "model.decoder.filename is '../model.onnx'; allowed: a relative path")]
    [InlineData("model.decoder.filename", "\"gone.onnx\"", "gone.onnx: the file is missing, though model.decoder.filename in 'genai_config.json' names it")]
    [InlineData("search.temperature", "3", "search.temperature is 3; allowed: a number from 0 to 2")]
    [InlineData("search.do_sample", "1", "search.do_sample is 1; allowed: true or false")]
    public void Read_BadValue_NamesFileKeyFoundAndAllowed(string key, string? value, string expected)
    {
        using var folder = new TemporaryFolder();
        Write(folder, json => Set(json, key, value));
        ModelFolderException refusal = Assert.Throws<ModelFolderException>(() => ModelFolder.Read(folder.Path));
        Assert.Contains(expected, refusal.Message);
        Assert.StartsWith(folder.Path, refusal.Path);
        Assert.EndsWith(".", refusal.Message);
    }

    [Theory]
    [InlineData("weights.gguf", "these are GGUF weights; ONNX graphs are served", "./scripts/quantize CHECKPOINT OUT")]
    [InlineData("model-00001-of-00002.safetensors", "these are safetensors weights; ONNX graphs are served", "./scripts/quantize '{0}' OUT")]
    [InlineData("pytorch_model.bin", "these are PyTorch weights; ONNX graphs are served", "./scripts/quantize CHECKPOINT OUT")]
    [InlineData("readme.txt", "holds no genai_config.json and no ONNX graph", "./scripts/quantize CHECKPOINT OUT")]
    [InlineData("model.onnx", "holds the graph 'model.onnx', but neither genai_config.json nor config.json", "Download the model's config.json")]
    public void Read_NoConfig_SaysWhatTheFolderIsAndTheWayOut(string file, string expected, string wayOut)
    {
        using var folder = new TemporaryFolder();
        folder.Write(file, "");
        string message = Assert.Throws<ModelFolderException>(() => ModelFolder.Read(folder.Path)).Message;
        Assert.Contains(expected, message);
        Assert.Contains(string.Format(CultureInfo.InvariantCulture, wayOut, folder.Path), message);
    }

    [Fact]
    public void Read_FileInPlaceOfAFolder_SaysWhatToName()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("this is a file, not a model folder. Name the folder", Refusal(folder.Write("model.onnx", "")));
        Assert.Contains("these are GGUF weights", Refusal(folder.Write("weights.gguf", "")));
    }

    [Fact]
    public void Read_MissingFolderOrBrokenJson_SaysSo()
    {
        Assert.Contains("does not exist", Assert.Throws<ModelFolderException>(() => ModelFolder.Read("nowhere")).Message);
        using var folder = new TemporaryFolder();
        folder.Write("genai_config.json", "{ \"model\": ");
        Assert.Contains("is no valid JSON", Assert.Throws<ModelFolderException>(() => ModelFolder.Read(folder.Path)).Message);
        folder.Write("genai_config.json", "[]");
        Assert.Contains("is not a JSON object", Assert.Throws<ModelFolderException>(() => ModelFolder.Read(folder.Path)).Message);
    }

    private static string Refusal(string path) => Assert.Throws<ModelFolderException>(() => ModelFolder.Read(path)).Message;

    private static ModelConfig Read(Action<JsonNode> change)
    {
        using var folder = new TemporaryFolder();
        Write(folder, change);
        return ModelFolder.Read(folder.Path).Config;
    }

    private static void Write(TemporaryFolder folder, Action<JsonNode> change)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.TinyR1, "genai_config.json")))!;
        change(json);
        folder.Write("genai_config.json", json.ToJsonString());
        folder.Write("model.onnx", "");
    }

    private static void Set(JsonNode json, string key, string? value)
    {
        string[] parts = key.Split('.');
        foreach (string part in parts[..^1])
            json = json[part]!;
        if (value is null)
            json.AsObject().Remove(parts[^1]);
        else
            json[parts[^1]] = JsonNode.Parse(value);
    }
}
