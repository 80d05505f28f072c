using System.Text.Json.Nodes;
using LocalInference.Quantize.Tests.Testing;

namespace LocalInference.Quantize.Tests.Folders;

/// <summary>genai_config.json and the tokenizer's files, as a conversion writes them.</summary>
public sealed class GenAiConfigFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _checkpoint;

    public GenAiConfigFileTests()
    {
        _checkpoint = _folder.In("checkpoint");
        OddCheckpoint.Write(4, _checkpoint);
    }

    [Fact]
    public void Write_GenerationConfig_WinsOverConfig()
    {
        File.WriteAllText(
            Path.Combine(_checkpoint, "generation_config.json"),
            """{"do_sample": true, "temperature": 0.6, "top_p": 0.95, "eos_token_id": [256, 260], "pad_token_id": 261}""");
        JsonNode config = Made();
        Assert.Equal([256, 260], config["model"]!["eos_token_id"]!.AsArray().Select(id => id!.GetValue<int>()));
        Assert.Equal(261, config["model"]!["pad_token_id"]!.GetValue<int>());
        Assert.True(config["search"]!["do_sample"]!.GetValue<bool>());
        Assert.Equal(0.6, config["search"]!["temperature"]!.GetValue<double>());
        Assert.Equal(0.95, config["search"]!["top_p"]!.GetValue<double>());
    }

    [Fact]
    public void Write_NoIdsAnywhereElse_TakesThoseThatTheTokenizerNames()
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(_checkpoint, "config.json")))!;
        json["eos_token_id"] = null;
        json["bos_token_id"] = null;
        File.WriteAllText(Path.Combine(_checkpoint, "config.json"), json.ToJsonString());
        JsonNode model = Made()["model"]!;
        Assert.Equal(256, model["eos_token_id"]!.GetValue<int>());
        Assert.Equal(259, model["bos_token_id"]!.GetValue<int>());
        // Where thoughts begin and end.
        Assert.Equal((261, 262), (model["bor_token_id"]!.GetValue<int>(), model["eor_token_id"]!.GetValue<int>()));
    }

    [Fact]
    public void Write_NoEndTokenAtAll_IsRefused()
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(_checkpoint, "config.json")))!;
        json["eos_token_id"] = null;
        File.WriteAllText(Path.Combine(_checkpoint, "config.json"), json.ToJsonString());
        File.Delete(Path.Combine(_checkpoint, "tokenizer_config.json"));
        Cli run = Cli.Run(_checkpoint, _folder.In("made"), "--report-tokens", "0");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("eos_token_id is missing, here, in generation_config.json and in the tokenizer", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Write_AddedTokenWithoutId_IsNamed()
    {
        string path = Path.Combine(_checkpoint, "tokenizer.json");
        JsonNode json = JsonNode.Parse(File.ReadAllText(path))!;
        json["added_tokens"]![5]!["id"] = "261";
        File.WriteAllText(path, json.ToJsonString());
        Cli run = Cli.Run(_checkpoint, _folder.In("made"), "--report-tokens", "0");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{path}: the id of token '<think>' is \"261\"; expected: a whole number", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu", 0)]
    [InlineData("gpu", 1)]
    public void Write_Device_IsWhatProvidersSay(string device, int providers) =>
        Assert.Equal(providers, Made("--for", device)["model"]!["decoder"]!["session_options"]!["provider_options"]!.AsArray().Count);

    [Fact]
    public void CopyTo_TokenizerFiles_AreTheCheckpointsWithTheModelsContext()
    {
        JsonNode config = Made();
        foreach (string name in (string[])["tokenizer.json", "chat_template.jinja"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(_checkpoint, name)), File.ReadAllBytes(Path.Combine(_folder.In("made"), name)));
        JsonNode tokenizer = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.In("made"), "tokenizer_config.json")))!;
        Assert.Equal(config["model"]!["context_length"]!.GetValue<int>(), tokenizer["model_max_length"]!.GetValue<int>());
    }

    public void Dispose() => _folder.Dispose();

    private JsonNode Made(params string[] options)
    {
        Cli.Run([_checkpoint, _folder.In("made"), "--report-tokens", "0", .. options]).Succeeded();
        return JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.In("made"), "genai_config.json")))!;
    }
}
