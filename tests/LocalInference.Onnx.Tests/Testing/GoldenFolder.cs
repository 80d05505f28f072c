using System.Text.Json;
using LocalInference.Testing;

namespace LocalInference.Onnx.Tests.Testing;

/// <summary>An exported folder of the reference data with what others make of it.</summary>
internal sealed class GoldenFolder
{
    private readonly JsonElement[] _prompts;
    private readonly Safetensors? _tensors;

    public GoldenFolder(string name)
    {
        Path = ReferenceData.PathOf("onnx", name);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(Path, "golden.json")));
        _prompts = [.. golden.RootElement.GetProperty("prompts").EnumerateArray().Select(e => e.Clone())];
        string tensors = System.IO.Path.Combine(Path, "golden.safetensors");
        _tensors = File.Exists(tensors) ? new Safetensors(tensors) : null;
    }

    public string Path { get; }

    public int PromptCount => _prompts.Length;

    public int[] Prompt(int index) => Ints(_prompts[index], "prompt");

    public int[] GreedyTokens(int index) => Ints(Result(index), "greedy");

    /// <summary>By how much each of those tokens was ahead of the next.</summary>
    public double[] Margins(int index) => [.. Result(index).GetProperty("margin").EnumerateArray().Select(e => e.GetDouble())];

    /// <summary>Logits of the prompt's last rows; as many as there are golden ones, none in folders of old builders.</summary>
    public float[] LogitsTail(int index)
    {
        string kind = _prompts[index].TryGetProperty("onnxruntime", out _) ? "onnxruntime" : "dequantised";
        return _tensors is not null ? _tensors.Floats(index < 3 ? $"{kind}.logits.{index}" : $"{kind}.logits_tail.{index}") : [];
    }

    /// <summary>
    /// ONNX Runtime's result; folders for GPUs have transformers' on the weights read back, those of old builders one of their own.
    /// </summary>
    private JsonElement Result(int index) =>
        _prompts[index].TryGetProperty("onnxruntime", out JsonElement result) || _prompts[index].TryGetProperty("dequantised", out result) ? result : _prompts[index];

    private static int[] Ints(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];
}
